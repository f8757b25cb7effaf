"""An optimizer that turns every kernel of a convolution equally in all directions.

Loads TensorFlow.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("emolib")
class Muon(keras.optimizers.AdamW):
    """Muon (Jordan et al. 2024) for kernels of convolutions, AdamW for all other weights.

    A kernel is taken as a matrix, one column an output channel. The step is the momentum of its
    gradient with all singular values brought near 1, so that rare directions are learned as fast
    as frequent ones. Keras's own Muon leaves convolutions to Adam.

    Args:
        learning_rate: Of Muon: how long a step is, 1 for singular values of 1; may be a schedule.
        adam_share: AdamW's learning rate, as a share of Muon's.
        **options: Of `keras.optimizers.AdamW`.
    """

    def __init__(self, learning_rate: Any = 0.02, adam_share: float = 0.15, **options: Any):
        """Set the rates."""
        super().__init__(learning_rate, **options)
        self.adam_share = adam_share

    def build(self, variables: list) -> None:
        """Make room for the momenta of the kernels."""
        if not self.built:
            super().build(variables)
            self.momenta = [
                self.add_variable_from_reference(v, name="muon") if _is_inner_kernel(v) else None
                for v in variables
            ]

    def update_step(self, gradient, variable, learning_rate) -> None:
        """Change one weight."""
        momentum = self.momenta[self._get_variable_index(variable)]
        if momentum is None:
            super().update_step(gradient, variable, learning_rate * self.adam_share)
            return
        self.assign(momentum, 0.95 * momentum + gradient)
        matrix = ops.reshape(gradient + 0.95 * momentum, (-1, variable.shape[-1]))
        rows, columns = matrix.shape
        step = orthogonal(matrix) * max(1, columns / rows) ** 0.5
        self.assign_sub(variable, learning_rate * ops.reshape(step, variable.shape))

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds it."""
        return {**super().get_config(), "adam_share": self.adam_share}


def _is_inner_kernel(variable) -> bool:
    # the first convolution sees pixels: its few inputs are no features to be treated alike
    return len(variable.shape) == 4 and variable.shape[2] > 3


def orthogonal(matrix):
    """Bring the singular values of a matrix (rows, columns) to about 0.7-1.2.

    Five Newton-Schulz steps with the coefficients of Jordan et al., which hurry small values up.
    """
    wide = matrix.shape[0] <= matrix.shape[1]
    x = matrix if wide else ops.transpose(matrix)
    x = x / (ops.norm(x) + 1e-7)
    for _ in range(5):
        square = x @ ops.transpose(x)
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x if wide else ops.transpose(x)
