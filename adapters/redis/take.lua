-- Takes room for one call of an organisation, or says how long to wait.
-- Keys: calls of the last minute, calls in flight, calls of the day, parking.
-- Arguments: id, limits in flight, a minute and a day as far as the call may use
-- them up (0 for none), and in milliseconds the window, the day, and how long a
-- lost call stays in flight.
-- Answers the wait in milliseconds, 0 when taken, and 1 when only the calls in
-- flight are too many: nobody knows when one of those ends.
local id = ARGV[1]
local in_flight, per_minute, per_day = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local window, day, hold = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)

local wait = tonumber(redis.call('GET', KEYS[4]) or 0) - now
if per_day > 0 and tonumber(redis.call('GET', KEYS[3]) or 0) >= per_day then
  wait = math.max(wait, redis.call('PTTL', KEYS[3]), 1)
end
local taken = redis.call('ZCARD', KEYS[1])
if per_minute > 0 and taken >= per_minute then
  local place = taken - per_minute
  local oldest = redis.call('ZRANGE', KEYS[1], place, place, 'WITHSCORES')
  wait = math.max(wait, tonumber(oldest[2]) + window - now)
end
if wait > 0 then
  return {wait, 0}
end
if in_flight > 0 and redis.call('ZCARD', KEYS[2]) >= in_flight then
  return {1, 1}
end

redis.call('ZADD', KEYS[1], now, id)
redis.call('PEXPIRE', KEYS[1], window)
redis.call('ZADD', KEYS[2], now + hold, id)
redis.call('PEXPIRE', KEYS[2], hold)
if redis.call('INCR', KEYS[3]) == 1 then
  redis.call('PEXPIRE', KEYS[3], day)
end
return {0, 0}
