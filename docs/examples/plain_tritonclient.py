"""Call the CCTA endpoints with nothing but NVIDIA's client.

pip install "tritonclient[grpc]" numpy
python plain_tritonclient.py HOST:PORT
"""

import sys

import numpy as np
import tritonclient.grpc as triton


def call(client, model, inputs, timeout_s=120):
    """Send ``inputs`` (name -> array of exactly the contract's dtype) and return all outputs by name."""
    tensors = []
    for name, array in inputs.items():
        tensor = triton.InferInput(name, list(array.shape), triton.np_to_triton_dtype(array.dtype))
        tensor.set_data_from_numpy(np.ascontiguousarray(array))
        tensors.append(tensor)
    result = client.infer(model, tensors, client_timeout=timeout_s)
    return {output.name: result.as_numpy(output.name) for output in result.get_response().outputs}


def synthetic_volume():
    """A bright ball in soft tissue: int16 HU [z, y, x], axes toward superior, posterior and left."""
    z, y, x = np.mgrid[-32:32, -48:48, -48:48]
    return np.where(x**2 + y**2 + z**2 < 20**2, 350, 40).astype(np.int16)


def show(model, outputs):
    """Print the shape of every output."""
    for name, array in outputs.items():
        print(model, name, array.dtype, array.shape)


def main(url):
    """Run one phase through the heat maps, and two straightened vessels as one batch through the quality."""
    client = triton.InferenceServerClient(url)  # it allows messages of up to 2**31 - 1 bytes by itself
    if not client.is_server_ready():
        raise SystemExit(f"no server is ready at {url}")

    phase = {
        "volume": synthetic_volume(),
        "spacing": np.array([1.5, 1.5, 2.0], np.float32),  # (x, y, z) in mm
        "origin": np.array([-72.0, -72.0, -64.0], np.float32),  # LPS of the centre of voxel [0, 0, 0]
    }
    show("ccta_centerline", call(client, "ccta_centerline", phase))

    vessels = {  # a leading batch axis: two vessels in one request
        "straightened": np.full((2, 320, 32, 32), 40, np.int16),
        "length": np.array([[120.0], [80.0]], np.float32),
    }
    show("ccta_quality", call(client, "ccta_quality", vessels))
    client.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
