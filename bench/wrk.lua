-- Sends matches and prints what wrk counted as one line of JSON.
-- Arguments: tag, first namespace, how many namespaces, how many requests go to one namespace before
-- the next one has its turn, and how many requestors there are (0: each request has a new one).
local tag, namespaces, span, requestors
local heads, sent = {}, 0

function init(args)
  local first = tonumber(args[2])
  tag, namespaces, span, requestors = args[1], tonumber(args[3]), tonumber(args[4]), tonumber(args[5])
  local length = #body(0)
  for n = 0, namespaces - 1 do
    local name = "bench-" .. (first + n)
    heads[n] = "POST /namespaces/" .. name .. "/match HTTP/1.1\r\nHost: " .. wrk.host
      .. "\r\nx-api-key: zaas_" .. name .. "\r\nContent-Type: application/json\r\nContent-Length: "
      .. length .. "\r\n\r\n"
  end
end

-- Requestors come in no order, as in life: multiplying by an odd number modulo 2^32 repeats none.
function body(n)
  return string.format('{"requestor":"%s-%08x"}', tag, n * 2654435761 % 4294967296)
end

function request()
  sent = sent + 1
  local who = requestors > 0 and sent % requestors or sent
  return heads[math.floor(sent / span) % namespaces] .. body(who)
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%f,"failures":%d,"p50Ms":%f,"p99Ms":%f,"maxMs":%f}\n',
    summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
