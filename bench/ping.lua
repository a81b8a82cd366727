-- What a player sends every ten seconds, for wrk.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"playerTime":{"playhead":10.25,"ts":1793491200000},"eventType":"ping","params":{},'
  .. '"qoeData":{"media.qoe.bitrate":3200000,"media.qoe.droppedFrames":1,"media.qoe.framesPerSecond":50,'
  .. '"media.qoe.timeToStart":1100}}'
