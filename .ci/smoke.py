"""Use an installed jaxup that has its dependencies alone; for a folder outside the clone."""

import importlib.metadata
import importlib.resources
import importlib.util
import platform

import jax
import jax.numpy as jnp
import numpy as np

import jaxup

x = jnp.arange(2 * 6 * 5 * 3, dtype=jnp.float32).reshape(2, 6, 5, 3)
np.testing.assert_array_equal(
    jaxup.upsample(jnp.array([1.0, 3.0]), 2, "linear", axes=0), [1.0, 1.5, 2.5, 3.0]
)
np.testing.assert_array_equal(jaxup.upsample(x, 2), jnp.repeat(jnp.repeat(x, 2, 1), 2, 2))
np.testing.assert_allclose(
    jaxup.resize(x, (9, 10), "cubic"), jax.image.resize(x, (2, 9, 10, 3), "cubic"), atol=1e-3
)
first = jnp.moveaxis(x, -1, 1)
np.testing.assert_allclose(
    jax.jit(lambda x: jaxup.compat.torch.interpolate(x, scale_factor=1.5, mode="bilinear"))(first),
    jnp.moveaxis(jaxup.upsample(x, 1.5, "bilinear"), -1, 1),
    atol=1e-4,
)
gradient = jax.grad(lambda x: jaxup.upsample(x, 0.5, "area").sum())(x[:, :, :4])
np.testing.assert_allclose(gradient, 0.25)

package = importlib.resources.files("jaxup")
assert "site-packages" in str(package), package
assert (package / "py.typed").is_file()
assert importlib.metadata.version("jaxup") == jaxup.__version__
assert importlib.util.find_spec("tests") is None, "the wheel brought the tests"
print(
    f"jaxup {jaxup.__version__}, jax {jax.__version__}, Python {platform.python_version()}: works"
)
