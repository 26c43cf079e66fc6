"""What Redis runs by itself, so that nobody sees half of it. Every script gets the keys' prefix.

The keys are made inside of the scripts, which a cluster would refuse; the shop has one node.

    <prefix>delivery:<order id>   hash: version, record
    <prefix>couriers              hash: record by courier id, so that one command reads all
    <prefix>courier_versions      hash: version by courier id
    <prefix>index                 sorted set of order ids, all with score 0: the order of bytes
    <prefix>due                   sorted set of order ids by the ms of `next_at`
    <prefix>final                 sorted set of the ended ones by the ms of their end
    <prefix>forgotten             ms of the newest end of a delivery that is not kept any more
    <prefix>events                stream, one field `event`
    <prefix>trimmed               id of the newest event that is not kept any more
    <prefix>positions             GEO, one member for each courier
    <prefix>reported:<courier id> "latitude longitude", until five seconds after it was written
"""

# ARGV[1]: {deliveries: [{id, was, version, record, due, final}], couriers: [{id, was, version,
# record}], events: [text], keep_events, keep_deliveries}; numbers as texts. Answers 1 or 0.
COMMIT = """
local prefix, change = KEYS[1], cjson.decode(ARGV[1])

local function fits(key, field, was)
  return (redis.call('HGET', key, field) or '0') == was
end
for _, one in ipairs(change.deliveries) do
  if not fits(prefix .. 'delivery:' .. one.id, 'version', one.was) then return 0 end
end
for _, one in ipairs(change.couriers) do
  if not fits(prefix .. 'courier_versions', one.id, one.was) then return 0 end
end

for _, one in ipairs(change.couriers) do
  redis.call('HSET', prefix .. 'courier_versions', one.id, one.version)
  redis.call('HSET', prefix .. 'couriers', one.id, one.record)
end
for _, one in ipairs(change.deliveries) do
  redis.call('HSET', prefix .. 'delivery:' .. one.id, 'version', one.version, 'record', one.record)
  redis.call('ZADD', prefix .. 'index', '0', one.id)
  if one.due == '' then
    redis.call('ZREM', prefix .. 'due', one.id)
    redis.call('ZADD', prefix .. 'final', one.final, one.id)
  else
    redis.call('ZADD', prefix .. 'due', one.due, one.id)
  end
end
for _, event in ipairs(change.events) do
  redis.call('XADD', prefix .. 'events', '*', 'event', event)
end

local spare = redis.call('XLEN', prefix .. 'events') - tonumber(change.keep_events)
if spare > 0 then
  local oldest = redis.call('XRANGE', prefix .. 'events', '-', '+', 'COUNT', spare)
  for _, entry in ipairs(oldest) do redis.call('XDEL', prefix .. 'events', entry[1]) end
  redis.call('SET', prefix .. 'trimmed', oldest[#oldest][1])
end
spare = redis.call('ZCARD', prefix .. 'final') - tonumber(change.keep_deliveries)
if spare > 0 then
  local oldest = redis.call('ZRANGE', prefix .. 'final', '0', spare - 1)
  local newest_end = redis.call('ZSCORE', prefix .. 'final', oldest[#oldest])
  local so_far = redis.call('GET', prefix .. 'forgotten') or '0'
  -- An end that was noticed late may be older than what was forgotten before it.
  if tonumber(newest_end) > tonumber(so_far) then
    redis.call('SET', prefix .. 'forgotten', newest_end)
  end
  for _, id in ipairs(oldest) do
    redis.call('DEL', prefix .. 'delivery:' .. id)
    redis.call('ZREM', prefix .. 'index', id)
    redis.call('ZREM', prefix .. 'final', id)
  end
end
return 1
"""

# ARGV[1]: order id. Answers the records of the delivery, its courier and the courier's queue, or
# fewer when there is none.
HOLDING = """
local prefix = KEYS[1]
local delivery = redis.call('HGET', prefix .. 'delivery:' .. ARGV[1], 'record')
if not delivery then return {} end
local assignment = cjson.decode(delivery).assignment
if type(assignment) ~= 'table' then return {delivery} end
local courier = redis.call('HGET', prefix .. 'couriers', assignment.courier_id)
if not courier then return {delivery} end
local found = {delivery, courier}
for _, id in ipairs(cjson.decode(courier).queue) do
  found[#found + 1] = redis.call('HGET', prefix .. 'delivery:' .. id, 'record')
end
return found
"""

# ARGV[1]: where the page begins, as ZRANGEBYLEX takes it; ARGV[2]: how many. Answers what
# `forgotten` holds, and the records. One script: a delivery that was forgotten between the index
# and its record would make the page look like the last one.
PAGE = """
local prefix, records = KEYS[1], {}
local ids = redis.call('ZRANGEBYLEX', prefix .. 'index', ARGV[1], '+', 'LIMIT', '0', ARGV[2])
for _, id in ipairs(ids) do
  records[#records + 1] = redis.call('HGET', prefix .. 'delivery:' .. id, 'record')
end
return {redis.call('GET', prefix .. 'forgotten'), records}
"""

# ARGV[1]: a cursor or an empty text; ARGV[2]: how many. Answers {"ok", entries}, {"old", newest id
# that is gone} or {"unknown", newest id}.
EVENTS = """
local prefix, after = KEYS[1], ARGV[1]
local stream = prefix .. 'events'
if after == '' then
  return {'ok', redis.call('XRANGE', stream, '-', '+', 'COUNT', ARGV[2])}
end

local function precedes(one, other)
  local ms, number = string.match(one, '(%d+)-(%d+)')
  local other_ms, other_number = string.match(other, '(%d+)-(%d+)')
  if ms ~= other_ms then return tonumber(ms) < tonumber(other_ms) end
  return tonumber(number) < tonumber(other_number)
end
local trimmed = redis.call('GET', prefix .. 'trimmed') or '0-0'
if precedes(after, trimmed) then return {'old', trimmed} end
local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', '1')
local last = newest[1] and newest[1][1] or trimmed
if precedes(last, after) then return {'unknown', last} end
return {'ok', redis.call('XRANGE', stream, '(' .. after, '+', 'COUNT', ARGV[2])}
"""

# ARGV: courier id, longitude, latitude, and again. Those who report themselves are left out.
SEE = """
local prefix = KEYS[1]
for place = 1, #ARGV, 3 do
  if redis.call('EXISTS', prefix .. 'reported:' .. ARGV[place]) == 0 then
    redis.call('GEOADD', prefix .. 'positions', ARGV[place + 1], ARGV[place + 2], ARGV[place])
  end
end
return 1
"""
