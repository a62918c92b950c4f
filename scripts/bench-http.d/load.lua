-- A load for wrk: wrk … -s load.lua URL -- MODE RUN
-- MODE is donations, each with a key of its own; funds, the fund statement; anew, the same under an address
-- that was not asked for before, which no cache knows; empty, the health route; mixed, one donation in five
-- requests. RUN makes the keys of one run differ from another's.
-- The token is in TOKEN. Prints one line for scripts/bench-http: answers a second, median and 99th
-- percentile in µs, what failed, answers.

local body = '{"school":"2199000001","amount":{"fen":12345},'
  .. '"donor":{"name":"测试有限公司","kind":"company"},"date":"2025-11-20","method":"transfer"}'

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

local mode, prefix, reading
local headers = { ["Content-Type"] = "application/json" }
local count = 0

function init(args)
  mode = args[1]
  prefix = args[2] .. "-" .. number .. "-"
  headers["Authorization"] = "Bearer " .. (os.getenv("TOKEN") or "")
  local path = "/api/v1/funds?semester=2025-2026-1&school=2199000001"
  if mode == "empty" then path = "/healthz" end
  reading = wrk.format("GET", path, { ["Authorization"] = headers["Authorization"] })
end

-- The digits of the school's code and the semester, each as it is or as %3N: 2^19 addresses.
local function address(number)
  local path = string.gsub("2199000001&semester=2025-2026-1", "%d", function(digit)
    local isPlain = number % 2 == 0
    number = math.floor(number / 2)
    return isPlain and digit or "%3" .. digit
  end)
  return "/api/v1/funds?school=" .. path
end

function request()
  count = count + 1
  if mode == "anew" then
    return wrk.format("GET", address(count * 2 + number), { ["Authorization"] = headers["Authorization"] })
  end
  if mode == "donations" or (mode == "mixed" and count % 5 == 0) then
    headers["Idempotency-Key"] = prefix .. count
    return wrk.format("POST", "/api/v1/donations", headers, body)
  end
  return reading
end

-- wrk counts answers of 400 and more; no route here answers with 300 to 399.
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(
    string.format(
      "result %d %d %d %d %d\n",
      summary.requests / summary.duration * 1e6,
      latency:percentile(50),
      latency:percentile(99),
      errors.status + errors.connect + errors.read + errors.write + errors.timeout,
      summary.requests
    )
  )
end
