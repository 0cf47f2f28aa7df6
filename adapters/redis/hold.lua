-- Keeps a call in flight for longer. Keys: as in take.lua.
-- Arguments: id, and how long in milliseconds.
local id, hold = ARGV[1], tonumber(ARGV[2])

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

redis.call('ZADD', KEYS[2], now + hold, id)
redis.call('PEXPIRE', KEYS[2], hold)
return {}
