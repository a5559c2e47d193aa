"""Writes PyTorch's answers to the table of cases, for machines without PyTorch.

    python tests/goldens/make.py

The inputs are `cases.numbers`, the same everywhere; the answers and the gradients of a weighted sum
of them are stored in float32, under the case's id. The file says which PyTorch wrote it.
"""

import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))


def main():
    import torch
    from cases import numbers
    from test_torch_parity import DIFFERENTIABLE, channels_first, channels_last, torch_run

    answers = {"torch": np.array(torch.__version__)}
    for case in DIFFERENTIABLE:
        x = channels_first(numbers(case.shape)).requires_grad_()
        y = torch_run(case, x)
        y.backward(channels_first(numbers(channels_last(y.detach()).shape, seed=4711)))
        answers[f"{case.id} value"] = channels_last(y.detach())
        answers[f"{case.id} gradient"] = channels_last(x.grad)
    np.savez_compressed(HERE / "torch.npz", allow_pickle=False, **answers)


if __name__ == "__main__":
    main()
