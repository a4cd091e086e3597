//! Commands of Redis and its like: the first word says what was asked, and everything behind it is keys and values.

use crate::read::statement_shape::Shape;

/// Commands (redis.io/docs/latest/commands, github.com/memcached/memcached, doc/protocol.txt). Another first word may be a
/// value.
#[rustfmt::skip]
const COMMANDS: &[&str] = &[
    "append", "asking", "auth", "bgrewriteaof", "bgsave", "bitcount", "bitfield", "bitop", "bitpos", "blmove", "blmpop",
    "blpop", "brpop", "brpoplpush", "bzmpop", "bzpopmax", "bzpopmin", "cas", "client", "cluster", "command", "config", "copy",
    "dbsize", "debug", "decr", "decrby", "del", "delete", "discard", "dump", "echo", "eval", "eval_ro", "evalsha",
    "evalsha_ro", "exec", "exists", "expire", "expireat", "expiretime", "failover", "fcall", "fcall_ro", "flush_all",
    "flushall", "flushdb", "function", "geoadd", "geodist", "geohash", "geopos", "georadius", "geosearch", "geosearchstore",
    "get", "getbit", "getdel", "getex", "getrange", "gets", "getset", "hdel", "hello", "hexists", "hexpire", "hget",
    "hgetall", "hincrby", "hincrbyfloat", "hkeys", "hlen", "hmget", "hmset", "hrandfield", "hscan", "hset", "hsetnx",
    "hstrlen", "httl", "hvals", "incr", "incrby", "incrbyfloat", "info", "json.get", "json.set", "keys", "latency", "lcs",
    "lindex", "linsert", "llen", "lmove", "lmpop", "lpop", "lpos", "lpush", "lpushx", "lrange", "lrem", "lset", "ltrim",
    "memory", "mget", "migrate", "monitor", "mset", "msetnx", "multi", "object", "persist", "pexpire", "pexpireat", "pfadd",
    "pfcount", "pfmerge", "ping", "prepend", "psetex", "psubscribe", "pttl", "publish", "pubsub", "punsubscribe", "quit",
    "randomkey", "readonly", "rename", "renamenx", "replace", "restore", "role", "rpop", "rpoplpush", "rpush", "rpushx",
    "sadd", "scan", "scard", "script", "sdiff", "select", "set", "setbit", "setex", "setnx", "setrange", "sinter", "sismember",
    "slowlog", "smembers", "smismember", "smove", "sort", "spop", "spublish", "srandmember", "srem", "sscan", "stats",
    "strlen", "subscribe", "sunion", "touch", "ttl", "type", "unlink", "unsubscribe", "unwatch", "wait", "watch", "xack",
    "xadd", "xclaim", "xdel", "xgroup", "xlen", "xpending", "xrange", "xread", "xreadgroup",
    "xrevrange", "xtrim", "zadd", "zcard", "zcount", "zincrby", "zinter", "zmscore", "zpopmax", "zpopmin", "zrange",
    "zrangebyscore", "zrank", "zrem", "zremrangebyrank", "zremrangebyscore", "zrevrange", "zrevrangebyscore", "zscan", "zscore",
];

/// Whether this is the name of a command.
pub(super) fn is_command(word: &str) -> bool {
    COMMANDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// The command without its arguments: `HGET ?`. Of a pipeline the first: a value may hold the end of a line.
pub(super) fn command(text: &str) -> Option<String> {
    let word = text.split_whitespace().next()?;
    if !is_command(word) {
        return None;
    }
    let mut shape = Shape::default();
    shape.word(word);
    if text.trim().len() > word.len() {
        shape.gap = true;
        shape.value();
    }
    shape.finish(false)
}
