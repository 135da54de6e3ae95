"""Writes optimizers.json: what torch.optim makes of given gradients, in double precision, for the tests to compare with.

    python3 tests/Unroll.Tests/Oracles/optimizers.py > tests/Unroll.Tests/Oracles/optimizers.json

One matrix and one vector take eight updates under each rule; beside them learning rates as torch.optim.lr_scheduler gives
them, and the running mean of the first rule's parameters as torch.optim.swa_utils has it. Start and gradients are rounded to
float32. Nothing here knows Unroll.
"""
import sys

import torch
from torch import nn
from torch.optim import lr_scheduler, swa_utils

from cells import groups, numbers, write

UPDATES = 8

RULES = [
    ({"optimizer": "sgd", "lr": 0.1, "momentum": 0.9}, torch.optim.SGD),
    ({"optimizer": "sgd", "lr": 0.05, "momentum": 0.5, "weightDecay": 0.2}, torch.optim.SGD),
    ({"optimizer": "sgd", "lr": 0.3, "clip": 0.25, "clipBy": "value"}, torch.optim.SGD),
    ({"optimizer": "sgd", "lr": 0.3, "momentum": 0.8, "clip": 0.5, "clipBy": "norm"}, torch.optim.SGD),
    ({"optimizer": "adam", "lr": 0.02, "beta1": 0.5, "beta2": 0.9}, torch.optim.Adam),
    ({"optimizer": "adam", "lr": 0.02, "beta1": 0.0, "beta2": 0.99, "weightDecay": 0.1}, torch.optim.Adam),
    ({"optimizer": "adam", "lr": 0.02, "clip": 0.25, "clipBy": "value"}, torch.optim.Adam),
    ({"optimizer": "adamW", "lr": 0.05, "beta1": 0.8, "beta2": 0.95, "weightDecay": 0.5}, torch.optim.AdamW),
]


class Tensors(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(4, 5)), nn.Parameter(torch.empty(3))


def run(settings, kind, start, gradients):
    model = Tensors()
    with torch.no_grad():
        model.weight.copy_(start[0])
        model.bias.copy_(start[1])
    full = {"momentum": 0.0, "beta1": 0.9, "beta2": 0.999, "clip": 0.0, "clipBy": "norm", "weightDecay": 0.0, **settings}
    own = {"momentum": full["momentum"]} if full["optimizer"] == "sgd" else {"betas": (full["beta1"], full["beta2"])}
    optimizer = kind(groups(full, list(model.parameters())), lr=full["lr"], weight_decay=full["weightDecay"], **own)
    average = swa_utils.AveragedModel(model)
    values, averages = [], []
    for weight, bias in gradients:
        model.weight.grad, model.bias.grad = weight.clone(), bias.clone()
        if full["clip"]:
            clip = nn.utils.clip_grad_value_ if full["clipBy"] == "value" else nn.utils.clip_grad_norm_
            clip(model.parameters(), full["clip"])
        optimizer.step()
        average.update_parameters(model)
        values.append(numbers(model.weight) + numbers(model.bias))
        averages.append(numbers(average.module.weight) + numbers(average.module.bias))
    return {**full, "values": values}, averages


def rates(make, steps, told=None):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = make(optimizer)
    result = []
    for step in range(steps):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step(told[step]) if told else schedule.step()
    return result


def draw(*shape):
    return (torch.rand(*shape) * 2 - 1).float().double()


if __name__ == "__main__":
    torch.manual_seed(7)
    start = draw(4, 5), draw(3)
    gradients = [(draw(4, 5), draw(3)) for _ in range(UPDATES)]
    runs = [run(settings, kind, start, gradients) for settings, kind in RULES]
    losses = [3, 2, 2, 2.5, 2.1, 1.9, 1.8, 1.8, 1.9, 1.7, 1.8, 1.9, 1.75, 1.75, 1.71, 1.7, 1.69, 1.7]
    sys.stdout.write(write({
        "torch": torch.__version__,
        "start": numbers(start[0]) + numbers(start[1]),
        "gradients": [numbers(weight) + numbers(bias) for weight, bias in gradients],
        "runs": [settings for settings, _ in runs],
        "averages": runs[0][1],
        # torch counts the measurements beyond patience, so that its 2 is a patience of 3; threshold 0: any lower loss is better.
        "plateau": {"patience": 3, "factor": 0.25, "losses": losses, "rates": rates(
            lambda optimizer: lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.25, patience=2, threshold=0.0), len(losses), losses)},
        "power": {"power": 1.2, "rates": rates(lambda optimizer: lr_scheduler.PolynomialLR(optimizer, total_iters=10, power=1.2), 11)},
        "cosine": {"rates": rates(lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, T_max=10), 11)},
    }) + "\n")
