// A small till with the OpenTelemetry SDK of Node.js, which sends JSON over HTTP: some orders fail by an exception.
//
// Arguments: the address of the receiver, gzip or none. Answer: {"line": the line that throws, "file": ...}
const { context, trace, SpanKind, SpanStatusCode } = require('@opentelemetry/api');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { BasicTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');

const [, , address, compression] = process.argv;
const exporter = new OTLPTraceExporter({ url: `http://${address}/v1/traces`, compression });
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'till', 'service.version': '1' }),
  spanProcessors: [new BatchSpanProcessor(exporter)],
});
const tracer = provider.getTracer('till');

function charge(amount) {
  if (amount % 3 === 0) {
    throw new RangeError(`no money for order ${amount}`); // this line
  }
}

let line = 0;
for (let amount = 1; amount <= 30; amount += 1) {
  const order = tracer.startSpan('POST /order', { kind: SpanKind.SERVER });
  const call = tracer.startSpan('charge', {}, trace.setSpan(context.active(), order));
  try {
    charge(amount);
  } catch (error) {
    line = Number(error.stack.split('\n')[1].match(/:(\d+):\d+\)?$/)[1]);
    for (const span of [call, order]) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    }
  }
  call.end();
  order.end();
}
provider.shutdown().then(() => console.log(JSON.stringify({ line, file: __filename })));
