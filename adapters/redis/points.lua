-- Takes points from several buckets: from each the same, as many as the one
-- with the fewest has and no more than is asked for; none when those are too few.
-- Keys: the buckets. Arguments: the points asked for, how few will do, then for
-- each bucket what it holds when full and how many a second come back.
-- Answers the points taken, then for each bucket what is left.
-- A bucket is stored as the moment, in microseconds, at which it is full again.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])

local taken = tonumber(ARGV[1])
local full, rate, left = {}, {}, {}
for i, key in ipairs(KEYS) do
  local burst = tonumber(ARGV[2 * i + 1])
  rate[i] = tonumber(ARGV[2 * i + 2]) / 1000000
  full[i] = math.max(now, tonumber(redis.call('GET', key) or now))
  -- A bucket made smaller since may lack more than it holds.
  left[i] = math.max(0, burst - (full[i] - now) * rate[i])
  taken = math.min(taken, math.floor(left[i]))
end

if taken < tonumber(ARGV[2]) then
  taken = 0
end

local answer = {taken}
for i, key in ipairs(KEYS) do
  if taken > 0 then
    full[i] = full[i] + taken / rate[i]
    redis.call('SET', key, string.format('%.0f', full[i]), 'PX', math.max(1, math.ceil((full[i] - now) / 1000)))
  end
  answer[i + 1] = math.floor(left[i]) - taken
end
return answer
