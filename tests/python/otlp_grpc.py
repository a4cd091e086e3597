"""Sends export requests over gRPC as they are, and says what came back.

Question: {"target": "127.0.0.1:4317", "calls": [{"service": "trace", "payload": "base64", "compression": null | "gzip"}]}
Answer:   [{"code": "OK", "body": "base64", "details": "", "status_details": "base64"}]
"""

import base64
import json
import sys
from pathlib import Path

import grpc

NAMES = {"trace": "Trace", "logs": "Logs", "metrics": "Metrics"}
COMPRESSIONS = {None: grpc.Compression.NoCompression, "gzip": grpc.Compression.Gzip}


def call(channel, asked, metadata):
    service = asked["service"]
    method = f"/opentelemetry.proto.collector.{service}.v1.{NAMES.get(service, service)}Service/Export"
    export = channel.unary_unary(method, request_serializer=bytes, response_deserializer=bytes)
    try:
        body = export(
            base64.b64decode(asked["payload"]),
            timeout=30,
            metadata=metadata,
            compression=COMPRESSIONS[asked.get("compression")],
        )
        return {"code": "OK", "body": base64.b64encode(body).decode(), "details": "", "status_details": ""}
    except grpc.RpcError as error:
        trailing = dict(error.trailing_metadata() or ())
        details = trailing.get("grpc-status-details-bin", b"")
        return {
            "code": error.code().name,
            "body": "",
            "details": error.details(),
            "status_details": base64.b64encode(details).decode(),
        }


question = json.load(sys.stdin)
metadata = [tuple(pair) for pair in question.get("metadata", [])]
options = [("grpc.max_send_message_length", -1)]
tls = question.get("tls")
if tls:
    read = {name: Path(path).read_bytes() for name, path in tls.items()}
    credentials = grpc.ssl_channel_credentials(read["ca"], read.get("key"), read.get("certificate"))
    opened = grpc.secure_channel(question["target"], credentials, options=options)
else:
    opened = grpc.insecure_channel(question["target"], options=options)
with opened as channel:
    print(json.dumps([call(channel, asked, metadata) for asked in question["calls"]]))
