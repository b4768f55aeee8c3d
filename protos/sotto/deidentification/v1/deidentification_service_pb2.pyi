from sotto.deidentification.v1 import deidentification_pb2 as _deidentification_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
