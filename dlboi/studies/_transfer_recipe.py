"""How the pretrained networks of the studies are trained, where nothing else is asked for."""

#: Of the experiments on chest X-rays: half a cosine, and the epoch of the best accuracy.
TRANSFER_RECIPE = {
    "loss": "ce",
    "optimizer": "adam",
    "lr": 1e-3,
    "schedule": "cosine",
    "max_epochs": 30,
    "batch_size": 32,
    "restore_best": "val_accuracy",
}

#: Of those on tissue, where all of a ResNet-34 learns for longer.
TISSUE_RECIPE = {**TRANSFER_RECIPE, "backbone": "resnet34", "max_epochs": 100}
