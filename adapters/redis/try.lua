-- Counts a try under a key, or says how long to wait before the next one.
-- Arguments: the free tries, and in milliseconds the first wait, the longest
-- one, and when the key is forgotten.
-- Answers the wait in milliseconds, 0 when the try was counted.
local free, first, longest, forget = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local wait = tonumber(redis.call('HGET', KEYS[1], 'until') or 0) - now
if wait > 0 then
  return wait
end
local count = redis.call('HINCRBY', KEYS[1], 'count', 1)
if count >= free then
  -- Twenty doublings are more than the longest wait.
  wait = math.min(longest, first * 2 ^ math.min(count - free, 20))
  redis.call('HSET', KEYS[1], 'until', now + wait)
end
redis.call('HSET', KEYS[1], 'free', free)
redis.call('PEXPIRE', KEYS[1], forget)
return 0
