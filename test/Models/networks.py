# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The trained networks of the tests, and what is known of each."""

import dataclasses
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
INPUTS = ROOT / "test/Models/Inputs"


@dataclasses.dataclass(frozen=True)
class Network:
    """A network by the name of its file, without suffix.

    `file` is its path below the folder `models` of DOREFA_SHARED; `shipped`,
    where it has one, below the root of this tree.
    """

    name: str
    file: str
    shipped: str | None = None
    # Layers whose product has an operand without codes, so that it is
    # computed in float.
    float_layers: int = 0
    # How far outputs may be from the golden ones, whose runtime fixes no order
    # of summation; 0: bit for bit.
    tolerance: float = 0.0
    # The data set that it classifies, as a function of data.py names it, and
    # how many samples it gets right.
    data: str | None = None
    correct: int | None = None

    def path(self) -> pathlib.Path | None:
        """The network's file, None if it is not here."""
        if self.shipped is not None:
            return ROOT / self.shipped
        shared = os.environ.get("DOREFA_SHARED")
        path = pathlib.Path(shared) / "models" / self.file if shared else None
        return path if path is not None and path.exists() else None

    def golden_path(self) -> pathlib.Path:
        shipped = INPUTS / "golden" / f"{self.name}.npz"
        if shipped.exists():
            return shipped
        shared = os.environ["DOREFA_SHARED"]
        return pathlib.Path(shared) / "models/golden" / f"{self.name}.npz"


_ZOO = "qonnx_model_zoo"
_TFC = f"{_ZOO}/MNIST/Brevitas_FINN_TFC/TFC"

NETWORKS = [
    Network("lfc_w1a1_mnist", "converted/lfc_w1a1_mnist.onnx",
            data="mnist_pixels", correct=9834),
    Network("lfc_w1a2_mnist", "converted/lfc_w1a2_mnist.onnx",
            shipped="examples/mnist/lfc_w1a2_mnist.onnx",
            data="mnist", correct=9855),
    Network("cnv_w1a1_cifar10", "converted/cnv_w1a1_cifar10.onnx",
            shipped="examples/cifar10/cnv_w1a1_cifar10.onnx"),
    Network("dorefanet_w1a2_body", "converted/dorefanet_w1a2_body.onnx",
            shipped="examples/dorefanet/dorefanet_w1a2_body.onnx"),
    Network("dorefanet_w1a2_image", "converted/dorefanet_w1a2_image.onnx",
            float_layers=1),
    Network("TFC_1W1A", f"{_TFC}/TFC_1W1A.onnx",
            shipped="test/Models/Inputs/TFC_1W1A.onnx",
            data="mnist", correct=9296),
    Network("TFC_1W2A", f"{_TFC}/TFC_1W2A.onnx",
            shipped="test/Models/Inputs/TFC_1W2A.onnx",
            data="mnist", correct=9474),
    Network("tfc_1w2a_clip_round", "converted/tfc_1w2a_clip_round.onnx",
            shipped="test/Models/Inputs/tfc_1w2a_clip_round.onnx",
            data="mnist", correct=9474),
    Network("tfc_1w2a_qcdq", "converted/tfc_1w2a_qcdq.onnx",
            shipped="test/Models/Inputs/tfc_1w2a_qcdq.onnx",
            data="mnist", correct=9474),
    Network("tfc_1w2a_qdq_int2", "converted/tfc_1w2a_qdq_int2.onnx",
            shipped="test/Models/Inputs/tfc_1w2a_qdq_int2.onnx",
            data="mnist", correct=9474),
    Network("kwsmlp_w3a3", f"{_ZOO}/GSCV2/kwsmlp_w3a3/kwsmlp_w3a3.onnx",
            tolerance=1e-4, data="speech_commands", correct=626),
    Network("kws_w3a3_clip_round", "converted/kws_w3a3_clip_round.onnx",
            tolerance=1e-4, data="speech_commands", correct=626),
    Network("kws_w3a3_qcdq", "converted/kws_w3a3_qcdq.onnx",
            tolerance=1e-4, data="speech_commands", correct=626),
    Network("kws_w3a3_qdq_int4", "converted/kws_w3a3_qdq_int4.onnx",
            tolerance=1e-4, data="speech_commands", correct=626),
    Network("unsw_nb15-mlp-w2a2",
            f"{_ZOO}/UNSW_NB15/unsw_nb15_mlp_w2a2/unsw_nb15-mlp-w2a2.onnx",
            float_layers=1),
]

# Spellings of one network: their outputs are those of the first, bit for bit.
SAME_OUTPUTS = [
    ("TFC_1W2A", "tfc_1w2a_clip_round", "tfc_1w2a_qcdq", "tfc_1w2a_qdq_int2"),
    ("kwsmlp_w3a3", "kws_w3a3_qcdq", "kws_w3a3_qdq_int4"),
]

# How many of the 1,000 images in examples/mnist the shipped networks get right.
CORRECT_OF_EXAMPLES = {
    "lfc_w1a2_mnist": 984,
    "TFC_1W1A": 913,
    "TFC_1W2A": 938,
    "tfc_1w2a_clip_round": 938,
    "tfc_1w2a_qcdq": 938,
    "tfc_1w2a_qdq_int2": 938,
}


def by_name(name: str) -> Network:
    return next(network for network in NETWORKS if network.name == name)
