from sotto.release.v1 import copy_pb2 as _copy_pb2
from sotto.release.v1 import quality_pb2 as _quality_pb2
from sotto.release.v1 import release_pb2 as _release_pb2
from sotto.release.v1 import review_pb2 as _review_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
