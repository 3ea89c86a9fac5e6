"""Networks of images, built by Keras on whichever backend it has: PyTorch's and JAX's as well as its own."""

from collections.abc import Callable, Sequence
from zlib import crc32

import keras
import numpy as np
from keras import layers

from benchmarks.networks import HEADS, Shapes

SMALL = "small"
BACKBONES = {
    "vgg16": keras.applications.VGG16,
    "resnet50": keras.applications.ResNet50,
    "densenet121": keras.applications.DenseNet121,
    "efficientnetb2": keras.applications.EfficientNetB2,
}
"""The paper's, without their own heads; the features are averaged over the image."""


def build(
    name: str, shapes: Shapes, *, seed: int, weights: str | None = None, parity: bool = False
) -> keras.Model:
    """Return a model of images in [-1, 1] (B, H, W, 3): "features", and logits "classes" and "attributes".

    Args:
        name: "small", or one of `BACKBONES`.
        shapes: of the images, and of the heads.
        seed: of the weights, which are drawn by NumPy, so that they are the same whatever the backend, and of
            what each backend draws in its own way while it is trained.
        weights: a file of the backbone's weights, which then take the place of those that were drawn.
        parity: without what is random while it is trained, and in float64 throughout where that is asked for.
    """
    keras.utils.set_random_seed(seed)
    images = keras.Input(shapes.images)
    backbone = _backbone(name, images, parity)
    features = backbone(images)
    sizes = dict(zip(HEADS, shapes[1:], strict=True))
    heads = {name: layers.Dense(size, name=name)(features) for name, size in sizes.items()}
    model = keras.Model(images, {"features": features, **heads})
    draw(model, seed=seed)
    if weights is not None:
        backbone.load_weights(weights)
    return model


def feature_maps(name: str, *, seed: int, parity: bool = False) -> keras.Model:
    """Return a trunk without what pools or flattens its features: images of any size to maps (B, h, w, F).

    The arguments are those of `build`, which draws the same weights.
    """
    keras.utils.set_random_seed(seed)
    backbone = _backbone(name, keras.Input((None, None, 3)), parity)
    maps = [layer.output for layer in backbone.layers if len(layer.output.shape) == 4]
    model = keras.Model(backbone.input, maps[-1])
    draw(model, seed=seed)
    return model


def _backbone(name: str, images: keras.KerasTensor, parity: bool) -> keras.Model:
    trunk = _small if name == SMALL else _application(name)
    backbone = keras.Model(images, trunk(images), name="backbone")
    if parity:
        _in_float64()
        backbone = keras.models.clone_model(backbone, clone_function=_alike)
    return backbone


CHANNELS = (16, 32, 64, 128)


def _small(images: keras.KerasTensor) -> keras.KerasTensor:
    """Four convolutions in steps of two pixels, with batch normalisation, and dropout of the features."""
    x = images
    for number, channels in enumerate(CHANNELS, 1):
        convolution = layers.Conv2D(
            channels, 3, strides=2, padding="same", use_bias=False, name=f"convolution_{number}"
        )
        normalization = layers.BatchNormalization(momentum=0.9, name=f"normalization_{number}")
        x = layers.ReLU()(normalization(convolution(x)))
    return layers.Dropout(0.3)(layers.Flatten()(x))


def _application(name: str) -> Callable[[keras.KerasTensor], keras.KerasTensor]:
    if name not in BACKBONES:
        raise ValueError(f"network should be one of {', '.join([SMALL, *BACKBONES])}, got {name!r}")

    def trunk(images: keras.KerasTensor) -> keras.KerasTensor:
        if name.startswith("efficientnet"):  # it scales bytes itself
            images = layers.Rescaling(127.5, 127.5)(images)
        made: keras.KerasTensor = BACKBONES[name](
            include_top=False, weights=None, input_tensor=images, pooling="avg"
        ).output
        return made

    return trunk


def draw(model: keras.Model, *, seed: int) -> None:
    """Set all weights, each by the name of its layer: kernels at random, what scales to 1, what shifts to 0.

    A kernel is uniform, in the trunk of variance 2 / inputs; in the heads of a sixth of that, as logits begin
    small.
    """
    for variable in model.trainable_variables:
        layer, name = variable.path.split("/")[-2:]
        if "kernel" in name:
            inputs = np.prod(variable.shape[:2] if name.startswith("depthwise") else variable.shape[:-1])
            bound = np.sqrt((1 if layer in HEADS else 6) / inputs)
            rng = np.random.default_rng([seed, crc32(layer.encode())])
            value = rng.uniform(-bound, bound, variable.shape)
        else:
            value = np.full(variable.shape, 1.0 if name == "gamma" else 0.0)
        variable.assign(value.astype(variable.dtype))


def weights(model: keras.Model) -> list[np.ndarray]:
    """Return what is trained, in an order that is the same whatever the backend."""
    return [variable.numpy().copy() for variable in model.trainable_variables]


def set_weights(model: keras.Model, given: Sequence[np.ndarray]) -> None:
    """Take `weights` back, or those of the same network on another backend."""
    for variable, value in zip(model.trainable_variables, given, strict=True):
        variable.assign(value)


def _in_float64() -> None:
    """Let Keras compute in float64 where its arrays are: by itself it does so on TensorFlow alone."""
    from keras.src.backend.common import dtypes

    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"


def _alike(layer: keras.Layer) -> keras.Layer:
    """Return a copy of a layer without what each backend does in its own way.

    That is to draw at every step, and TensorFlow's rounding of a Python number to float32 before float64.
    """
    config = layer.get_config()
    if isinstance(layer, layers.Dropout):
        config["rate"] = 0
    if isinstance(layer, layers.Rescaling):
        config |= {name: np.float64(config[name]) for name in ("scale", "offset")}
    return type(layer).from_config(config)
