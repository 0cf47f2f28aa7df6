-- Says what is used. Keys: as in take.lua. Argument: the window in milliseconds.
-- Answers calls of the last minute, of the day and in flight, and the
-- milliseconds for which the organisation is parked.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
return {
  redis.call('ZCOUNT', KEYS[1], '(' .. string.format('%.0f', now - tonumber(ARGV[1])), '+inf'),
  tonumber(redis.call('GET', KEYS[3]) or 0),
  redis.call('ZCOUNT', KEYS[2], '(' .. string.format('%.0f', now), '+inf'),
  math.max(tonumber(redis.call('GET', KEYS[4]) or 0) - now, 0),
}
