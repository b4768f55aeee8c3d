from sotto.audit.v1 import entry_pb2 as _entry_pb2
from sotto.audit.v1 import review_pb2 as _review_pb2
from sotto.audit.v1 import schedule_pb2 as _schedule_pb2
from sotto.audit.v1 import upkeep_pb2 as _upkeep_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
