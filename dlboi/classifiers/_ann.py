"""The fully connected network as a classifier."""

from numbers import Real

from sklearn.utils._param_validation import Interval

from dlboi._validation import check_sizes
from dlboi.classifiers._base import ImageClassifier
from dlboi.classifiers._docs import fill_doc
from dlboi.networks import ANN


@fill_doc
class ANNClassifier(ImageClassifier):
    """Fully connected network on the flattened image.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, default=(32, 32, 32)
        Neurons of each hidden layer.
    dropout : float, default=0.0
        Probability that a hidden neuron is left out of a training step.
    batch_norm : bool, default=False
        Whether batch normalisation follows each hidden layer.
    %(training_parameters)s

    Attributes
    ----------
    %(attributes)s

    See Also
    --------
    CNNClassifier : Convolution blocks before the fully connected layers.
    GAPClassifier : Convolution blocks and global average pooling.

    Examples
    --------
    >>> from dlboi import ANNClassifier
    >>> from dlboi.datasets import make_chest_phantoms
    >>> X, y = make_chest_phantoms(60, image_size=32, random_state=0, return_X_y=True)
    >>> clf = ANNClassifier(max_epochs=2, random_state=0).fit(X, y)
    >>> clf.predict_proba(X[:3]).shape
    (3, 2)
    """

    _module = ANN

    _parameter_constraints: dict = {  # noqa: RUF012 - as in the base
        **ImageClassifier._parameter_constraints,
        "hidden_layer_sizes": [tuple, list],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "batch_norm": ["boolean"],
    }

    def __init__(
        self,
        *,
        hidden_layer_sizes=(32, 32, 32),
        dropout=0.0,
        batch_norm=False,
        loss="auto",
        optimizer="adam",
        lr=1e-3,
        weight_decay=0.0,
        schedule="step",
        step_size=10,
        gamma=0.1,
        max_epochs=50,
        batch_size=32,
        validation_fraction=None,
        early_stopping=False,
        patience=10,
        restore_best="auto",
        class_weight=None,
        augment=None,
        image_shape=None,
        on_bad_file="raise",
        device="auto",
        precision="float32",
        n_threads="auto",
        random_state=None,
        callbacks=None,
        verbose=0,
        warm_start=False,
    ):
        super().__init__(
            loss=loss,
            optimizer=optimizer,
            lr=lr,
            weight_decay=weight_decay,
            schedule=schedule,
            step_size=step_size,
            gamma=gamma,
            max_epochs=max_epochs,
            batch_size=batch_size,
            validation_fraction=validation_fraction,
            early_stopping=early_stopping,
            patience=patience,
            restore_best=restore_best,
            class_weight=class_weight,
            augment=augment,
            image_shape=image_shape,
            on_bad_file=on_bad_file,
            device=device,
            precision=precision,
            n_threads=n_threads,
            random_state=random_state,
            callbacks=callbacks,
            verbose=verbose,
            warm_start=warm_start,
        )
        self.hidden_layer_sizes = hidden_layer_sizes
        self.dropout = dropout
        self.batch_norm = batch_norm

    def _network(self, image_shape):
        if self.batch_norm and self.batch_size == 1:
            raise ValueError(
                "The 'batch_size' parameter of ANNClassifier must be at least 2 with "
                "batch_norm=True, for one image has no variance to normalise by. Got 1 instead."
            )
        arguments = {
            "hidden_layer_sizes": check_sizes(self, "hidden_layer_sizes"),
            "dropout": self.dropout,
            "batch_norm": self.batch_norm,
        }
        return arguments, None
