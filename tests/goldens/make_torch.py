"""Writes PyTorch's answers to the table of cases, for machines without PyTorch.

    python -m tests.goldens.make_torch

The inputs are `cases.numbers`, the same everywhere; the answers and the gradients of a weighted sum
of them are stored in float32, under the case's id. The file says which PyTorch wrote it.
"""

import numpy as np

from tests.helpers.cases import numbers
from tests.helpers.paths import GOLDENS


def main():
    import torch

    from tests.parity.test_torch_parity import (
        DIFFERENTIABLE,
        channels_first,
        channels_last,
        torch_run,
    )

    answers = {"torch": np.array(torch.__version__)}
    for case in DIFFERENTIABLE:
        x = channels_first(numbers(case.shape)).requires_grad_()
        y = torch_run(case, x)
        y.backward(channels_first(numbers(channels_last(y.detach()).shape, seed=4711)))
        answers[f"{case.id} value"] = channels_last(y.detach())
        answers[f"{case.id} gradient"] = channels_last(x.grad)
    np.savez_compressed(GOLDENS / "torch.npz", allow_pickle=False, **answers)


if __name__ == "__main__":
    main()
