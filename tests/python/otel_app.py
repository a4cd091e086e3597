"""A small shop with the OpenTelemetry SDK: some orders fail by an exception that nobody catches.

Question: {"protocol": "grpc" | "http", "endpoint": "...", "compression": "gzip" | "none"}
Answer:   {"line": the line that throws, "trace_id": of an order that failed}
"""

import json
import logging
import sys

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

question = json.load(sys.stdin)
if question["protocol"] == "grpc":
    from grpc import Compression
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    compression = Compression.Gzip if question["compression"] == "gzip" else Compression.NoCompression
    exporter = OTLPSpanExporter(endpoint=question["endpoint"], insecure=True, compression=compression)
else:
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    compression = Compression.Gzip if question["compression"] == "gzip" else Compression.NoCompression
    exporter = OTLPSpanExporter(endpoint=question["endpoint"] + "/v1/traces", compression=compression)

provider = TracerProvider(resource=Resource.create({"service.name": "till", "service.version": "1"}))
provider.add_span_processor(BatchSpanProcessor(exporter))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("shop")
logging.basicConfig(stream=sys.stderr)


class CardRefused(Exception):
    pass


def charge(amount):
    with tracer.start_as_current_span("charge"):
        if amount % 3 == 0:
            raise CardRefused(f"no money for order {amount}")  # this line


def order(amount):
    with tracer.start_as_current_span("POST /order", kind=SpanKind.SERVER) as span:
        charge(amount)
        return span


failed = None
for amount in range(1, 31):
    try:
        order(amount)
    except CardRefused as error:
        line = error.__traceback__
        while line.tb_next:
            line = line.tb_next
        failed = line.tb_lineno
provider.shutdown()
print(json.dumps({"line": failed, "file": __file__}))
