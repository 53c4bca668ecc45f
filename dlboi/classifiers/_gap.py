"""The convolutional network with global average pooling as a classifier."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.utils._param_validation import Interval

from dlboi._validation import check_odd, check_sizes
from dlboi.classifiers._activation_map import activation_maps
from dlboi.classifiers._base import ImageClassifier
from dlboi.classifiers._docs import fill_doc
from dlboi.classifiers._input import encode_classes
from dlboi.exceptions import DlboiWarning
from dlboi.networks import GAP


@fill_doc
class GAPClassifier(ImageClassifier):
    """Convolutional network with global average pooling.

    Blocks of convolution, ReLU and max pooling, adaptive average pooling, and one linear layer
    [1]_. Which part of an image speaks for a class can be read off it: see
    :meth:`class_activation_map`.

    Parameters
    ----------
    n_filters : sequence of int, default=(32, 32, 32)
        Filters of each block.
    kernel_size : int, default=3
        Side of the convolution kernels, an odd number of pixels.
    pool_size : int, default=2
        Side and stride of the max pooling, in pixels, clipped to the map.
    output_size : int, default=1
        Side of the map after the average pooling, in cells; 1 is global average pooling. Where
        the map before it is smaller, cells only repeat, and a warning says so.
    %(training_parameters)s

    Attributes
    ----------
    %(attributes)s

    See Also
    --------
    ANNClassifier : Fully connected layers only.
    CNNClassifier : Convolution blocks before the fully connected layers.

    References
    ----------
    .. [1] Lin, M., Chen, Q. and Yan, S. "Network in network", ICLR 2014, arXiv:1312.4400.

    Examples
    --------
    >>> from dlboi import GAPClassifier
    >>> from dlboi.datasets import make_chest_phantoms
    >>> X, y = make_chest_phantoms(60, image_size=32, random_state=0, return_X_y=True)
    >>> clf = GAPClassifier(max_epochs=2, random_state=0).fit(X, y)
    >>> clf.predict_proba(X[:3]).shape
    (3, 2)
    """

    _module = GAP

    _parameter_constraints: dict = {  # noqa: RUF012 - as in the base
        **ImageClassifier._parameter_constraints,
        "n_filters": [tuple, list],
        "kernel_size": [Interval(Integral, 1, None, closed="left")],
        "pool_size": [Interval(Integral, 1, None, closed="left")],
        "output_size": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        n_filters=(32, 32, 32),
        kernel_size=3,
        pool_size=2,
        output_size=1,
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
        self.output_size = output_size

    def _network(self, image_shape):
        arguments = {
            "n_filters": check_sizes(self, "n_filters"),
            "kernel_size": check_odd(self, "kernel_size"),
            "pool_size": self.pool_size,
            "output_size": self.output_size,
        }
        return arguments, None

    def _net_to_train(self, data, seed):
        net = super()._net_to_train(data, seed)
        _, height, width = net.module_.features.output_shape
        if self.output_size > min(height, width):
            warnings.warn(
                f"output_size={self.output_size} of GAPClassifier is larger than the map before "
                f"it, {height}×{width} cells: cells only repeat, and add parameters but no "
                "information. Use a smaller output_size, pool_size or number of blocks.",
                DlboiWarning,
                stacklevel=4,
            )
        return net

    def class_activation_map(self, X, y=None) -> np.ndarray:
        """Show which parts of an image speak for a class.

        The logit is linear in the last feature map, so it is a sum over the places of that map;
        the class activation map holds the summands [1]_, times the number of places, enlarged to
        the size of the image. Its mean before the enlargement is the logit less the bias.

        Parameters
        ----------
        X : array-like
            Images, as in `fit`.
        y : label or array-like of shape (n_samples,), default=None
            The class to explain: one for all images, one an image, or None for the predicted ones.
            With one logit, a map for ``classes_[0]`` is that for ``classes_[1]`` times -1.

        Returns
        -------
        ndarray of float32 of shape (n_samples, h, w)
            Contributions to the logit; above 0 speaks for the class, below 0 against it.

        References
        ----------
        .. [1] Zhou, B. et al. "Learning deep features for discriminative localization", CVPR
           2016, arXiv:1512.04150.
        """
        images = self._images_to_predict(X)
        classes = self.predict(X) if y is None else y
        target = encode_classes(self, classes, n_samples=len(images))
        return activation_maps(self.net_, images, target)
