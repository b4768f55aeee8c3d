from sotto.transcription.v1 import enrolment_pb2 as _enrolment_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
