# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small relatives of well-known low-bit networks, as QONNX.

Residual blocks, groups, depthwise layers, pools before and behind quantizers, a
float first and last layer, dense layers behind convolutions: what the large networks are made
of, at a size that the interpreter runs in a moment.
"""

import onnx

from Models.network_writer import Writer


def residual(w: Writer) -> tuple[str, str]:
    """Like ResNet-18: a float stem with an overlapping pool, two blocks, one of
    them with stride and a convolution on the shortcut, a global average."""
    x = first = w.input("image", (3, 20, 20))
    x = w.conv(x, "stem", 16, 7, stride=2, pad=3, is_float=True)
    x = w.activation(w.batch_norm(x, "stem.norm"), "stem.act")
    x = w.max_pool(x, "stem.pool", 3, 2, (1, 1, 1, 1))
    for block, channels, stride in (("block0", 16, 1), ("block1", 24, 2)):
        y = w.conv(x, block + ".conv0", channels, 3, stride=stride, pad=1)
        y = w.activation(w.batch_norm(y, block + ".norm0"), block + ".act0")
        y = w.conv(y, block + ".conv1", channels, 3, pad=1)
        y = w.batch_norm(y, block + ".norm1")
        if stride != 1:
            x = w.conv(x, block + ".shortcut", channels, 1, stride=stride)
            x = w.batch_norm(x, block + ".shortcut.norm")
        x = w.activation(w.add(y, x, block + ".sum"), block + ".act1")
    x = w.flatten(w.average(x, "average"), "flat")
    return first, w.dense(x, "scores", 10, bias=True, is_float=True)


def grouped(w: Writer) -> tuple[str, str]:
    """Like AlexNet: groups, pools in front of quantizers with uneven borders,
    dense layers with and without bias, the last but one only clipped."""
    x = first = w.input("image", (3, 30, 30))
    x = w.conv(x, "conv0", 12, 6, stride=2, bias=True, is_float=True)
    x = w.activation(x, "act0")
    x = w.batch_norm(w.conv(x, "conv1", 20, 5, pad=2, groups=2), "norm1")
    x = w.pooled_activation(x, 1, 3, 2, (0, 0, 1, 1))
    x = w.batch_norm(w.conv(x, "conv2", 24, 3, pad=1), "norm2")
    x = w.pooled_activation(x, 2, 3, 2, (1, 1, 1, 1))
    x = w.activation(w.batch_norm(w.conv(x, "conv3", 18, 3, pad=1, groups=2),
                                  "norm3"), "act3")
    x = w.flatten(x, "flat")
    x = w.dense(x, "dense0", 70, bias=True)
    x = w.activation(w.batch_norm(x, "norm4"), "act4")
    x = w.clip(w.batch_norm(w.dense(x, "dense1", 33), "norm5"), "clip5")
    return first, w.dense(x, "scores", 10, bias=True, is_float=True)


def plain(w: Writer) -> tuple[str, str]:
    """Like the SVHN networks and CNV: convolutions with and without borders,
    pools that do not overlap, a convolution that ends at one pixel."""
    x = first = w.input("image", (3, 22, 22))
    x = w.conv(x, "conv0", 16, 5, bias=True, is_float=True)
    x = w.pooled_activation(x, 0, 2, 2)
    x = w.batch_norm(w.conv(x, "conv1", 20, 3, pad=1), "norm1")
    x = w.max_pool(w.activation(x, "act1"), "pool1", 2, 2)
    x = w.activation(w.batch_norm(w.conv(x, "conv2", 40, 3), "norm2"), "act2")
    x = w.activation(w.batch_norm(w.conv(x, "conv3", 65, 2), "norm3"), "act3")
    x = w.dense(w.flatten(x, "flat"), "dense0", 40)
    x = w.activation(w.batch_norm(x, "norm4"), "act4")
    return first, w.dense(x, "scores", 10)


def separable(w: Writer) -> tuple[str, str]:
    """Like MobileNet: depthwise layers with and without stride, each in front of
    a convolution of single pixels."""
    x = first = w.input("image", (3, 23, 21))
    x = w.conv(x, "stem", 24, 3, stride=2, pad=1, is_float=True)
    x = w.activation(w.batch_norm(x, "stem.norm"), "stem.act")
    channels = 24
    for block, (outputs, kernel, stride) in enumerate(
            [(64, 3, 1), (70, 5, 2), (33, 3, 1)]):
        name = f"block{block}"
        x = w.conv(x, name + ".depthwise", channels, kernel, stride,
                   pad=kernel // 2, groups=channels)
        x = w.activation(w.batch_norm(x, name + ".norm0"), name + ".act0")
        x = w.conv(x, name + ".pointwise", outputs, 1)
        x = w.activation(w.batch_norm(x, name + ".norm1"), name + ".act1")
        channels = outputs
    x = w.flatten(w.average(x, "average"), "flat")
    return first, w.dense(x, "scores", 10, bias=True, is_float=True)


TOPOLOGIES = {topology.__name__: topology
              for topology in (residual, grouped, plain, separable)}


def write(topology: str, weight_bits: int, activation_bits: int,
          seed: int = 1) -> onnx.ModelProto:
    writer = Writer(weight_bits, activation_bits, seed)
    first, last = TOPOLOGIES[topology](writer)
    return writer.finish(f"{topology}_w{weight_bits}a{activation_bits}",
                         first, last)
