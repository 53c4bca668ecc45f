"""The convolutional network as a classifier."""

from numbers import Integral, Real

from sklearn.utils._param_validation import Interval

from dlboi._validation import check_odd, check_sizes
from dlboi.classifiers._base import ImageClassifier
from dlboi.classifiers._docs import fill_doc
from dlboi.networks import CNN


@fill_doc
class CNNClassifier(ImageClassifier):
    """Convolutional network with fully connected layers at its end.

    Blocks of convolution, ReLU and max pooling, then fully connected layers.

    Parameters
    ----------
    n_filters : sequence of int, default=(32, 32, 32)
        Filters of each block.
    kernel_size : int, default=3
        Side of the convolution kernels, an odd number of pixels.
    pool_size : int, default=2
        Side and stride of the max pooling, in pixels, clipped to the map.
    hidden_layer_sizes : sequence of int, default=(32,)
        Neurons of each fully connected layer before the logits.
    dropout : float, default=0.0
        Probability that a neuron of these layers is left out of a training step.
    %(training_parameters)s

    Attributes
    ----------
    %(attributes)s

    See Also
    --------
    ANNClassifier : Fully connected layers only.
    GAPClassifier : Convolution blocks and global average pooling.

    Examples
    --------
    >>> from dlboi import CNNClassifier
    >>> from dlboi.datasets import make_chest_phantoms
    >>> X, y = make_chest_phantoms(60, image_size=32, random_state=0, return_X_y=True)
    >>> clf = CNNClassifier(max_epochs=2, random_state=0).fit(X, y)
    >>> clf.predict_proba(X[:3]).shape
    (3, 2)
    """

    _module = CNN

    _parameter_constraints: dict = {  # noqa: RUF012 - as in the base
        **ImageClassifier._parameter_constraints,
        "n_filters": [tuple, list],
        "kernel_size": [Interval(Integral, 1, None, closed="left")],
        "pool_size": [Interval(Integral, 1, None, closed="left")],
        "hidden_layer_sizes": [tuple, list],
        "dropout": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(
        self,
        *,
        n_filters=(32, 32, 32),
        kernel_size=3,
        pool_size=2,
        hidden_layer_sizes=(32,),
        dropout=0.0,
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
        self.n_filters = n_filters
        self.kernel_size = kernel_size
        self.pool_size = pool_size
        self.hidden_layer_sizes = hidden_layer_sizes
        self.dropout = dropout

    def _network(self, image_shape):
        arguments = {
            "n_filters": check_sizes(self, "n_filters"),
            "kernel_size": check_odd(self, "kernel_size"),
            "pool_size": self.pool_size,
            "hidden_layer_sizes": check_sizes(self, "hidden_layer_sizes", may_be_empty=True),
            "dropout": self.dropout,
        }
        return arguments, None
