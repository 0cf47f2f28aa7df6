-- Ends a call and corrects the counts by what its answer said.
-- Keys: as in take.lua.
-- Arguments: id, limits a minute and a day (0 for none), what the answer said is
-- left of each (-1 for nothing), and in milliseconds the pause asked for (0 for
-- none), the window, the day, and how long a spent day is believed.
local id = ARGV[1]
local per_minute, per_day = tonumber(ARGV[2]), tonumber(ARGV[3])
local minute_left, day_left = tonumber(ARGV[4]), tonumber(ARGV[5])
local park = tonumber(ARGV[6])
local window, day, spent = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

redis.call('ZREM', KEYS[2], id)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)

if park > 0 and now + park > tonumber(redis.call('GET', KEYS[4]) or 0) then
  redis.call('SET', KEYS[4], string.format('%.0f', now + park), 'PX', park)
end

-- Calls that are not ours use the minute up too.
if per_minute > 0 and minute_left >= 0 then
  for i = 1, per_minute - minute_left - redis.call('ZCARD', KEYS[1]) do
    redis.call('ZADD', KEYS[1], now, id .. ':' .. i)
  end
  redis.call('PEXPIRE', KEYS[1], window)
end

-- The answer knows the day best, except for the calls still in flight.
if per_day > 0 and day_left >= 0 then
  local used = math.max(per_day - day_left, 0) + redis.call('ZCARD', KEYS[2])
  local ends = redis.call('PTTL', KEYS[3])
  if ends <= 0 then
    ends = day
  end
  if day_left == 0 then
    ends = math.min(ends, spent)
  end
  redis.call('SET', KEYS[3], string.format('%.0f', used), 'PX', ends)
end
return {}
