"""Settings of the experiments that several studies share."""

#: Of the ANN, the CNN and the GAP network on chest X-rays.
NETWORK_RECIPE = {
    "optimizer": "adam",
    "lr": 1e-3,
    "schedule": "step",
    "step_size": 10,
    "gamma": 0.1,
    "batch_size": 32,
    "max_epochs": 50,
}

#: Of the ANN with three layers of 64 neurons, trained slowly.
ANN_64_RECIPE = {
    "hidden_layer_sizes": (64, 64, 64),
    "dropout": 0.0,
    "optimizer": "adam",
    "lr": 3e-6,
    "schedule": "step",
    "step_size": 4,
    "gamma": 0.4,
    "batch_size": 128,
    "max_epochs": 30,
}
