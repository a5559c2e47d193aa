# /// script
# dependencies = ["diffusers==0.34.0", "flax"]
# ///
"""Diffusers' Flax models, with random weights: what enlarges in them by jaxup.

    pip install diffusers==0.34.0 flax
    python examples/clients/diffusers_flax.py

FlaxUpsample2D, which the decoder and the U-Net share, enlarges twice by nearest before a
convolution. Swapped by one line:

    jax.image.resize = jaxup.compat.jax_image.resize

Diffusers 0.34 is one of the last with Flax models.
"""

import sys

import jax
import jax.numpy as jnp
from side_by_side import compare, main

from jaxup.compat import jax_image

RESIZE = {"jax.image.resize": jax_image.resize}


def comparisons():
    """The layer, the decoder of the autoencoder, and the U-Net that removes noise."""
    from diffusers.models.unets.unet_2d_condition_flax import FlaxUNet2DConditionModel
    from diffusers.models.vae_flax import FlaxAutoencoderKL, FlaxUpsample2D

    key = jax.random.key(0)
    x = jax.random.normal(key, (2, 16, 12, 32))
    layer = FlaxUpsample2D(32)
    weights = layer.init(key, x)
    yield compare("FlaxUpsample2D", lambda at: layer.apply(*at), (weights, x), RESIZE)

    half = FlaxUpsample2D(32, dtype=jnp.bfloat16)
    yield compare("FlaxUpsample2D, bfloat16", lambda at: half.apply(*at), (weights, x), RESIZE)

    autoencoder = FlaxAutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(32, 32),
    )
    weights = autoencoder.init_weights(key)
    latents = jax.random.normal(key, (1, 4, 16, 12))

    def decoded(arguments):
        weights, latents = arguments
        return autoencoder.apply({"params": weights}, latents, method=autoencoder.decode).sample

    yield compare("FlaxAutoencoderKL.decode", decoded, (weights, latents), RESIZE)

    unet = FlaxUNet2DConditionModel(
        sample_size=16,
        block_out_channels=(32, 64),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=2,
    )
    weights = unet.init_weights(key)
    words = jax.random.normal(key, (1, 7, 32))

    def denoised(arguments):
        weights, noisy = arguments
        return unet.apply({"params": weights}, noisy, jnp.array([10]), words).sample

    noisy = jax.random.normal(key, (1, 4, 16, 16))
    yield compare("FlaxUNet2DConditionModel", denoised, (weights, noisy), RESIZE)


if __name__ == "__main__":
    sys.exit(main(__doc__, ("diffusers", "flax"), comparisons))
