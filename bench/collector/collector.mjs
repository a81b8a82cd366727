// A collector as small as one can be on this library: it checks that a body is JSON, appends it to a file as a line, and answers.
// Nothing is synced to disk, nothing is counted, a session is not known. A reference for measurements.
import { createWriteStream } from 'node:fs'
import { randomBytes } from 'node:crypto'
import Fastify from 'fastify'

const [file] = process.argv.slice(2)
const lines = createWriteStream(file, { flags: 'a' })
const server = Fastify()

server.post('/api/v1/sessions', async (request, reply) => {
  lines.write(`${JSON.stringify(request.body)}\n`)
  return reply.code(201).header('Location', `/api/v1/sessions/${randomBytes(32).toString('hex')}`).send()
})

server.post('/api/v1/sessions/:sid/events', async (request, reply) => {
  lines.write(`${JSON.stringify(request.body)}\n`)
  return reply.code(204).send()
})

await server.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`127.0.0.1:${server.server.address().port}\n`)
// It ends with the measurement that started it.
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
