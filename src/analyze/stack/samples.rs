//! Stack traces as real runtimes and SDKs wrote them.

/// An error of the application itself, behind `await`.
pub(super) const NODE_CHARGE: &str = r##"Error: PaymentService Fail Feature Flag Enabled
    at module.exports.charge (/usr/src/shop/payment/charge.js:21:11)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at async Object.chargeServiceHandler [as Charge] (/usr/src/shop/payment/index.js:12:22)"##;

/// A failed gRPC call: the frames after "for call at" are the caller's.
pub(super) const NODE_GRPC_CALL: &str = r##"Error: 13 INTERNAL: failed to place order: UNKNOWN: PaymentService Fail Feature Flag Enabled
    at callErrorFromStatus (/usr/src/shop/node_modules/@grpc/grpc-js/build/src/call.js:32:19)
    at Object.onReceiveStatus (/usr/src/shop/node_modules/@grpc/grpc-js/build/src/client.js:193:76)
    at Object.onReceiveStatus (/usr/src/shop/node_modules/@grpc/grpc-js/build/src/client-interceptors.js:367:141)
    at Object.onReceiveStatus (/usr/src/shop/node_modules/@grpc/grpc-js/build/src/client-interceptors.js:327:181)
    at /usr/src/shop/node_modules/@grpc/grpc-js/build/src/resolving-call.js:155:78
    at process.processTicksAndRejections (node:internal/process/task_queues:77:11)
for call at
    at ServiceClientImpl.makeUnaryRequest (/usr/src/shop/node_modules/@grpc/grpc-js/build/src/client.js:161:32)
    at ServiceClientImpl.<anonymous> (/usr/src/shop/node_modules/@grpc/grpc-js/build/src/make-client.js:105:19)
    at /usr/src/shop/node_modules/@opentelemetry/instrumentation-grpc/build/src/clientUtils.js:119:31
    at /usr/src/shop/node_modules/@opentelemetry/instrumentation-grpc/build/src/instrumentation.js:202:209
    at AsyncLocalStorage.run (node:async_hooks:346:14)
    at AsyncLocalStorageContextManager.with (/usr/src/shop/node_modules/@opentelemetry/context-async-hooks/build/src/AsyncLocalStorageContextManager.js:45:40)
    at ContextAPI.with (/usr/src/shop/node_modules/@opentelemetry/api/dist/api/context.cjs:46:40)
    at ServiceClientImpl.clientMethodTrace [as PlaceOrder] (/usr/src/shop/node_modules/@opentelemetry/instrumentation-grpc/build/src/instrumentation.js:202:42)
    at /usr/src/shop/common/rpc.js:22:25
    at new Promise (<anonymous>)"##;

/// A cause as a logging library appends it.
pub(super) const NODE_CAUSED_BY: &str = r##"CartStorageError: Can't access cart storage. Error: connect ECONNREFUSED 127.0.0.1:16399
    at emptyCart (/usr/src/shop/cart/index.js:25:11)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at async /usr/src/shop/cart/index.js:42:37
    at async Object.EmptyCart (/usr/src/shop/cart/index.js:32:14)
caused by: Error: connect ECONNREFUSED 127.0.0.1:16399
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)
    at TCPConnectWrap.callbackTrampoline (node:internal/async_hooks:130:17)"##;

/// Nothing of the application is in it.
pub(super) const NODE_SOCKET: &str = r##"Error: connect ECONNREFUSED 127.0.0.1:16399
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)
    at TCPConnectWrap.callbackTrampoline (node:internal/async_hooks:130:17)"##;

/// A template that no file holds lies on the way.
pub(super) const PYTHON_TEMPLATE: &str = r##"Traceback (most recent call last):
  File "/usr/lib/venvs/lib/python3.11/site-packages/flask/app.py", line 1511, in wsgi_app
    response = self.full_dispatch_request()
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/venvs/lib/python3.11/site-packages/flask/app.py", line 919, in full_dispatch_request
    rv = self.handle_user_exception(e)
         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/venvs/lib/python3.11/site-packages/flask/app.py", line 917, in full_dispatch_request
    rv = self.dispatch_request()
         ^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/venvs/lib/python3.11/site-packages/flask/app.py", line 902, in dispatch_request
    return self.ensure_sync(self.view_functions[rule.endpoint])(**view_args)  # type: ignore[no-any-return]
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/src/shop/email/app.py", line 23, in send_order_confirmation
    body = render_template_string(TEMPLATE_V2 if enabled("emailTemplateV2") else TEMPLATE, **data)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/venvs/lib/python3.11/site-packages/flask/templating.py", line 163, in render_template_string
    return _render(app, template, context)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/venvs/lib/python3.11/site-packages/flask/templating.py", line 132, in _render
    rv = template.render(context)
         ^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/venvs/lib/python3.11/site-packages/jinja2/environment.py", line 1295, in render
    self.environment.handle_exception()
  File "/usr/lib/venvs/lib/python3.11/site-packages/jinja2/environment.py", line 942, in handle_exception
    raise rewrite_traceback_stack(source=source)
  File "<template>", line 1, in top-level template code
  File "/usr/lib/venvs/lib/python3.11/site-packages/jinja2/environment.py", line 490, in getattr
    return getattr(obj, attribute)
           ^^^^^^^^^^^^^^^^^^^^^^^
jinja2.exceptions.UndefinedError: 'customer' is undefined"##;

/// Two exceptions, the outer one without a message; the inner message spans lines.
pub(super) const PYTHON_ABORT: &str = r##"Traceback (most recent call last):
  File "/usr/src/shop/checkout/server.py", line 59, in PlaceOrder
    tx = payment.Charge(pb.ChargeRequest(amount=total, credit_card=request.credit_card), timeout=3).transaction_id
         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/venvs/lib/python3.11/site-packages/opentelemetry/instrumentation/grpc/grpcext/_interceptor.py", line 55, in __call__
    return self._interceptor.intercept_unary(request, metadata, client_info, invoker)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/venvs/lib/python3.11/site-packages/opentelemetry/instrumentation/grpc/_client.py", line 177, in intercept_unary
    return self._intercept(request, metadata, client_info, invoker)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/venvs/lib/python3.11/site-packages/opentelemetry/instrumentation/grpc/_client.py", line 158, in _intercept
    raise exc
  File "/usr/lib/venvs/lib/python3.11/site-packages/opentelemetry/instrumentation/grpc/_client.py", line 144, in _intercept
    result = invoker(request, metadata)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/venvs/lib/python3.11/site-packages/opentelemetry/instrumentation/grpc/grpcext/_interceptor.py", line 45, in invoker
    return self._base_callable(
           ^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/venvs/lib/python3.11/site-packages/grpc/_channel.py", line 1168, in __call__
    return _end_unary_response_blocking(state, call, False, None)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/venvs/lib/python3.11/site-packages/grpc/_channel.py", line 999, in _end_unary_response_blocking
    raise _InactiveRpcError(state)  # pytype: disable=not-instantiable
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
grpc._channel._InactiveRpcError: <_InactiveRpcError of RPC that terminated with:
	status = StatusCode.INVALID_ARGUMENT
	details = "The credit card (ending 0458) has expired"
	debug_error_string = "INVALID_ARGUMENT:The credit card (ending 0458) has expired"
>

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/usr/lib/venvs/lib/python3.11/site-packages/opentelemetry/trace/__init__.py", line 602, in use_span
    yield span
  File "/usr/lib/venvs/lib/python3.11/site-packages/opentelemetry/sdk/trace/__init__.py", line 1136, in start_as_current_span
    yield span
  File "/usr/lib/venvs/lib/python3.11/site-packages/opentelemetry/instrumentation/grpc/_server.py", line 291, in telemetry_interceptor
    raise error
  File "/usr/lib/venvs/lib/python3.11/site-packages/opentelemetry/instrumentation/grpc/_server.py", line 282, in telemetry_interceptor
    return behavior(request_or_iterator, context)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/src/shop/checkout/server.py", line 66, in PlaceOrder
    context.abort(code, f"failed to place order: {e.code().name}: {e.details()}")
  File "/usr/lib/venvs/lib/python3.11/site-packages/opentelemetry/instrumentation/grpc/_server.py", line 126, in abort
    return self._servicer_context.abort(code, details)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/venvs/lib/python3.11/site-packages/grpc/_server.py", line 461, in abort
    raise Exception()  # noqa: TRY002
    ^^^^^^^^^^^^^^^^^
Exception"##;

/// An exception group with a chain in its first exception, as the cause of another exception.
pub(super) const PYTHON_GROUP: &str = r##"  + Exception Group Traceback (most recent call last):
  |   File "/usr/src/shop/batch.py", line 13, in <module>
  |     try: run()
  |          ^^^^^
  |   File "/usr/src/shop/batch.py", line 11, in run
  |     raise ExceptionGroup("several failed", errs+[ExceptionGroup("nested",[TypeError("t")])])
  | ExceptionGroup: several failed (3 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/usr/src/shop/batch.py", line 8, in run
    |     try: f()
    |          ^^^
    |   File "/usr/src/shop/batch.py", line 3, in inner
    |     raise ValueError("bad value 1")
    | ValueError: bad value 1
    | 
    | The above exception was the direct cause of the following exception:
    | 
    | Traceback (most recent call last):
    |   File "/usr/src/shop/batch.py", line 9, in run
    |     except ValueError as e: raise KeyError("k") from e
    |                             ^^^^^^^^^^^^^^^^^^^^^^^^^^
    | KeyError: 'k'
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "/usr/src/shop/batch.py", line 8, in run
    |     try: f()
    |          ^^^
    |   File "/usr/src/shop/batch.py", line 6, in <lambda>
    |     for f in (inner, lambda: 1/0):
    |                              ~^~
    | ZeroDivisionError: division by zero
    +---------------- 3 ----------------
    | ExceptionGroup: nested (1 sub-exception)
    +-+---------------- 1 ----------------
      | TypeError: t
      +------------------------------------

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/usr/src/shop/batch.py", line 14, in <module>
    except Exception as e: raise RuntimeError("outer") from e
                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
RuntimeError: outer"##;

/// Recursion, of which Python prints three calls.
pub(super) const PYTHON_RECURSION: &str = r##"Traceback (most recent call last):
  File "/usr/src/shop/batch.py", line 19, in <module>
    try: rec(20)
         ^^^^^^^
  File "/usr/src/shop/batch.py", line 18, in rec
    def rec(n): return rec(n-1) if n else 1/0
                       ^^^^^^^^
  File "/usr/src/shop/batch.py", line 18, in rec
    def rec(n): return rec(n-1) if n else 1/0
                       ^^^^^^^^
  File "/usr/src/shop/batch.py", line 18, in rec
    def rec(n): return rec(n-1) if n else 1/0
                       ^^^^^^^^
  [Previous line repeated 18 more times]
ZeroDivisionError: division by zero"##;

/// `Promise.any`, as `util.inspect` shows it.
pub(super) const NODE_AGGREGATE: &str = r##"[AggregateError: All promises were rejected] {
  [errors]: [
    Error: first down
        at go (/usr/src/shop/any.js:2:62)
        at Object.<anonymous> (/usr/src/shop/any.js:7:1)
        at Module._compile (node:internal/modules/cjs/loader:1521:14)
        at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)
        at Module.load (node:internal/modules/cjs/loader:1266:32)
        at Module._load (node:internal/modules/cjs/loader:1091:12)
        at Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12)
        at node:internal/main/run_main_module:28:49,
    TypeError: second
        at go (/usr/src/shop/any.js:2:103)
        at Object.<anonymous> (/usr/src/shop/any.js:7:1)
        at Module._compile (node:internal/modules/cjs/loader:1521:14)
        at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)
        at Module.load (node:internal/modules/cjs/loader:1266:32)
        at Module._load (node:internal/modules/cjs/loader:1091:12)
        at Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12)
        at node:internal/main/run_main_module:28:49
  ]
}"##;

/// A cause, as `util.inspect` shows it.
pub(super) const NODE_CAUSE: &str = r##"Error: outer
    at go (/usr/src/shop/any.js:3:10) {
  [cause]: TypeError: inner
      at go (/usr/src/shop/any.js:3:49) {
    code: 'X'
  }
}"##;

/// Code made by `eval`.
pub(super) const NODE_EVAL: &str = r##"ReferenceError: foo is not defined
    at eval (eval at go (/usr/src/shop/any.js:4:7), <anonymous>:1:1)
    at go (/usr/src/shop/any.js:4:7)"##;

/// All of them.
pub(super) const ALL: &[&str] = &[
    NODE_CHARGE,
    NODE_GRPC_CALL,
    NODE_CAUSED_BY,
    NODE_SOCKET,
    PYTHON_TEMPLATE,
    PYTHON_ABORT,
    PYTHON_GROUP,
    PYTHON_RECURSION,
    NODE_AGGREGATE,
    NODE_CAUSE,
    NODE_EVAL,
];
