"""The texts of parameters and attributes that all classifiers have, written once."""

import inspect

TRAINING_PARAMETERS = """
loss : {"auto", "bce", "ce"}, default="auto"
    ``"bce"``: one logit, a sigmoid and binary cross-entropy; ``"ce"``: one logit a class, a
    softmax and cross-entropy; ``"auto"``: bce for two classes, ce for more.
optimizer : {"adam", "adamw", "sgd"}, default="adam"
    Adam, Adam with decoupled weight decay, or plain stochastic gradient descent.
lr : float, default=1e-3
    Learning rate of the first epoch.
weight_decay : float, default=0.0
    The optimizer's coefficient: with ``"adam"`` and ``"sgd"`` the gradient of an L2 penalty of
    half this size is added to the gradient; with ``"adamw"`` the weights shrink by the factor
    1 - lr * weight_decay a step, whatever the gradient.
schedule : {"step", "cosine"} or None, default="step"
    How the learning rate goes down: times `gamma` every `step_size` epochs, half a cosine that
    ends at 0, or not at all.
step_size : int, default=10
    Epochs between two steps of the schedule ``"step"``.
gamma : float, default=0.1
    Factor of a step.
max_epochs : int, default=50
    Epochs to train for.
batch_size : int, default=32
    Images a step of the optimizer.
validation_fraction : float or None, default=None
    Share of the training images that `fit` sets aside to validate on: stratified, and by patient
    when `groups` are given to `fit`: a search or cross-validation hands them on only with
    metadata routing. None sets nothing aside.
early_stopping : bool, default=False
    Whether to stop once the validation loss has not fallen for `patience` epochs. Needs
    validation data.
patience : int, default=10
    Epochs without a lower validation loss after which early stopping stops.
restore_best : {"auto", "val_loss", "val_accuracy"} or None, default="auto"
    Which weights `fit` ends with: those of the epoch with the lowest validation loss, the highest
    validation accuracy (the first of equal ones), or None, the last epoch. ``"auto"`` is
    ``"val_loss"`` where there is validation data and None elsewhere.
class_weight : dict, "balanced" or None, default=None
    Weight of each class in the loss, above 0, as in scikit-learn. It counts in the losses of
    training, validation and monitor sets alike, and so in the choice of an epoch by the loss.
augment : {"xray", "histology"}, callable or None, default=None
    Random changes of the training images. ``"xray"``: turns up to 7°, shifts and zooms up to 5 %,
    brightness and contrast up to 10 %, no flips. ``"histology"``: flips, quarter turns, and
    brightness, contrast, saturation (10 %) and hue (3 %). Or a transform of
    ``torchvision.transforms.v2``, called with one image, a tensor of shape (c, h, w).
image_shape : tuple of (int, int, int) or None, default=None
    Channels, height and width. It says how a flat row of X is to be read, and the shape to which
    image files are resized. A row holds all of the first channel, then all of the next: flatten
    colour images with ``X.transpose(0, 3, 1, 2).reshape(len(X), -1)``. None reads a row as a
    square grey image if its length is a square number and as a strip of height 1 otherwise, and
    takes files at their own size.
on_bad_file : {"raise", "skip"}, default="raise"
    What `fit` does with an image file that cannot be decoded: ``"raise"`` an ImageFileError that
    names it when its turn comes; or ``"skip"`` it with a warning, as if it were in neither X nor
    y, for which all files are decoded once before the first epoch. A file that is not there, may
    not be read or has another size is always an error, and so is any bad file in prediction.
device : str, default="auto"
    ``"auto"`` takes a CUDA device where there is one, else the processor; or a name that torch
    knows, such as ``"cpu"`` or ``"cuda:1"``.
precision : {"float32", "bfloat16", "auto"}, default="float32"
    What convolutions and matrix products are computed in; weights and losses are float32 always.
    ``"auto"`` takes bfloat16 where the hardware multiplies in it.
n_threads : int or "auto", default="auto"
    Threads to compute with, at most, and as many in `fit` to decode image files; ``"auto"`` takes
    what torch would use. It changes the time, never the result.
random_state : int, RandomState instance or None, default=None
    Decides the first weights, the validation part, the order of the images, dropout and
    augmentation. The same int gives the same weights, bit for bit, on the processor. No global
    random state is read or changed.
callbacks : list of skorch callbacks or None, default=None
    Callbacks, or pairs of a name and a callback; they are cloned before use. Those that work by
    the epoch can be used, such as EpochScoring and Checkpoint; BatchScoring cannot.
verbose : int, default=0
    1 shows a progress bar on standard error.
warm_start : bool, default=False
    Whether `fit` goes on from the weights, the optimizer's state and the epoch of the last `fit`
    instead of starting anew. The network, `loss`, `optimizer`, `device`, `precision` and the seed
    stay those of the first `fit`; `restore_best` chooses among the epochs of the last one.
"""

FITTED_ATTRIBUTES = """
classes_ : ndarray of shape (n_classes,)
    The class labels, sorted.
image_shape_ : tuple of (int, int, int)
    Channels, height and width of an image.
n_features_in_ : int
    Number of pixel values of an image, the product of `image_shape_`.
feature_names_in_ : ndarray of shape (`n_features_in_`,)
    Column names, only if X was a data frame.
net_ : ImageClassifierNet
    The fitted skorch net; ``net_.module_`` is the torch module.
history_ : dict of ndarray of shape (`n_iter_`,)
    One entry an epoch of ``epoch``, ``train_loss``, ``train_accuracy`` (both running means over
    the epoch), ``validation_loss``, ``validation_accuracy``, ``<name>_loss`` and
    ``<name>_accuracy`` of each monitor set, ``lr``, ``train_seconds``, ``validation_seconds``.
best_epoch_ : int
    The epoch, from 1, whose weights `fit` ended with.
n_iter_ : int
    Number of epochs trained.
precision_ : {"float32", "bfloat16"}
    What convolutions and matrix products are computed in: what ``precision="auto"`` has chosen.
skipped_files_ : list of str
    Files of X, of the validation data and of the monitor sets that ``on_bad_file="skip"`` has left
    out.
n_parameters_ : int
    Number of parameters of the network.
n_trainable_parameters_ : int
    Number of parameters that training changes.
"""


def fill_doc(cls):
    """Put the shared texts in place of ``%(training_parameters)s`` and ``%(attributes)s``."""
    if cls.__doc__:  # None under python -OO
        texts = {"training_parameters": TRAINING_PARAMETERS, "attributes": FITTED_ATTRIBUTES}
        cls.__doc__ = inspect.cleandoc(cls.__doc__)
        for name, text in texts.items():
            cls.__doc__ = cls.__doc__.replace(f"%({name})s", text.strip())
    return cls
