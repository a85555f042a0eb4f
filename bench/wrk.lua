-- What wrk saw, as a JSON line after its own words.
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('\n{"rounds": %d, "seconds": %.6f, "p99_us": %d, "failures": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
