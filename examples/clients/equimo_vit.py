# /// script
# dependencies = ["equimo==1.1.0"]
# ///
"""Equimo's vision transformer, with random weights, on pictures of other sizes than its own.

    pip install equimo==1.1.0
    python examples/clients/equimo_vit.py

Its position embeddings are resampled by jax.image.resize, which is swapped by one line:

    jax.image.resize = jaxup.compat.jax_image.resize

The last line replaces the method of its table by jaxup.resize_position_embedding. That one has
PyTorch's rules, which are jax.image's where both antialias.
"""

import sys

import jax
from side_by_side import compare, main

import jaxup
from jaxup.compat import jax_image

RESIZE = {"jax.image.resize": jax_image.resize}


def comparisons():
    """Larger, smaller and oblong pictures, in each row; the table alone by another function."""
    import equinox as eqx
    from equimo.layers.posemb import LearnedPosEmbed
    from equimo.models.vit import VisionTransformer

    key = jax.random.key(2)
    sizes = ((168, 168), (84, 84), (140, 70))
    pictures = [jax.random.normal(key, (3, *size)) for size in sizes]
    for antialias in (False, True):
        model = VisionTransformer(
            img_size=112,
            in_channels=3,
            dim=96,
            patch_size=14,
            num_heads=4,
            depths=[2],
            dynamic_img_size=True,
            interpolate_antialias=antialias,
            num_classes=10,
            key=jax.random.key(0),
        )
        weights, rest = eqx.partition(eqx.nn.inference_mode(model), eqx.is_inexact_array)

        def logits(arguments, rest=rest):
            weights, pictures = arguments
            model = eqx.combine(weights, rest)
            return [model(picture, key=key) for picture in pictures]

        name = f"VisionTransformer{', antialias' if antialias else ''}"
        yield compare(name, logits, (weights, pictures), RESIZE)

    def table_of(layer, *, new_size, old_size, interpolation):
        prefix = layer.num_embedded_prefix_tokens
        return jaxup.resize_position_embedding(
            layer.weight, old_size, new_size, prefix=prefix, method=interpolation
        )

    def tables(layer):
        return [
            LearnedPosEmbed.resample(
                layer, new_size=new_size, old_size=(8, 8), interpolation="bicubic"
            )
            for new_size in ((12, 12), (6, 6), (10, 5))
        ]

    swap = {"equimo.layers.posemb.LearnedPosEmbed.resample": table_of}
    yield compare("LearnedPosEmbed.resample", tables, model.global_pos_embed, swap)


if __name__ == "__main__":
    sys.exit(main(__doc__, ("equimo",), comparisons))
