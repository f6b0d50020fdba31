/** Rows of the 2025 lane: transport sessions, their streams, and the messages that a client may ask for again. */
import { isInitializeRequest, type RequestId } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { knownTools, type OfferedTools } from '../../mcp/tools.ts'
import { readStoredJson, type Stored, UNREADABLE } from '../../stored.ts'
import { numberOf, textOf } from './columns.ts'
import type { Sql, SqlValue } from './sql.ts'

/** Time for which an answered stream can be replayed, and life of an idle transport session. Milliseconds. */
const REPLAY_MS = 10 * 60_000
const IDLE_MS = 24 * 3_600_000

const names = z.array(z.string())
const requestId = z.union([z.string(), z.number()])

export interface TransportSession {
  id: string
  /** The request that opened it. */
  initialize: unknown
  /** Tools that the client was offered; null for all. */
  tools: OfferedTools
}

export function insertTransportSession(sql: Sql, { id, initialize, tools }: TransportSession, now: number): void {
  sql(
    'INSERT INTO transport_sessions (id, initialize, tools, created_at, seen_at) VALUES (?, ?, ?, ?, ?)',
    id,
    JSON.stringify(initialize),
    tools && JSON.stringify(tools),
    now,
    now,
  )
}

const initializeRequest = z.custom<unknown>(isInitializeRequest)

/** The transport session of this id; null when none can be read. */
export function findTransportSession(sql: Sql, id: string): TransportSession | null {
  const [row] = sql('SELECT initialize, tools FROM transport_sessions WHERE id = ?', id)
  if (row === undefined) return null
  const initialize = readStoredJson(initializeRequest, row['initialize'])
  const tools = row['tools'] === null ? null : readStoredJson(names, row['tools'])
  if (initialize === UNREADABLE || tools === UNREADABLE) return null
  return { id, initialize, tools: tools && knownTools(tools) }
}

/** All sessions but the `kept` that were used last. */
export function idlestTransportSessions(sql: Sql, kept: number): string[] {
  return sql('SELECT id FROM transport_sessions ORDER BY seen_at DESC, id LIMIT -1 OFFSET ?', kept).map((row) =>
    textOf(row['id']),
  )
}

export function touchTransportSession(sql: Sql, id: string, now: number): void {
  // A write a minute is enough to tell an idle session from a busy one.
  sql('UPDATE transport_sessions SET seen_at = ? WHERE id = ? AND seen_at < ?', now, id, now - 60_000)
}

export function deleteTransportSession(sql: Sql, id: string): void {
  sql('DELETE FROM transport_events WHERE stream_id IN (SELECT id FROM transport_streams WHERE session_id = ?)', id)
  sql('DELETE FROM transport_requests WHERE stream_id IN (SELECT id FROM transport_streams WHERE session_id = ?)', id)
  sql('DELETE FROM transport_streams WHERE session_id = ?', id)
  sql('DELETE FROM transport_subscriptions WHERE session_id = ?', id)
  sql('DELETE FROM transport_sessions WHERE id = ?', id)
}

export function insertSubscription(sql: Sql, sessionId: string, uri: string): void {
  sql('INSERT OR IGNORE INTO transport_subscriptions (session_id, uri) VALUES (?, ?)', sessionId, uri)
}

export function deleteSubscription(sql: Sql, sessionId: string, uri: string): void {
  sql('DELETE FROM transport_subscriptions WHERE session_id = ? AND uri = ?', sessionId, uri)
}

export function subscribedUris(sql: Sql, sessionId: string): string[] {
  return sql('SELECT uri FROM transport_subscriptions WHERE session_id = ?', sessionId)
    .map((row) => textOf(row['uri']))
    .filter((uri) => uri !== '')
}

/** Stores one message of a stream; returns its event id. */
export function insertEvent(sql: Sql, sessionId: string, streamId: string, message: string): number {
  sql('INSERT OR IGNORE INTO transport_streams (id, session_id) VALUES (?, ?)', streamId, sessionId)
  const [row] = sql('INSERT INTO transport_events (stream_id, message) VALUES (?, ?) RETURNING seq', streamId, message)
  return Number(row?.['seq'])
}

/** Notes a request that a stream is to answer, and the run whose outcome is the answer; null for another answer. */
export function insertRequest(sql: Sql, streamId: string, id: RequestId, runId: string | null): void {
  sql(
    'INSERT INTO transport_requests (stream_id, request_id, run_id) VALUES (?, ?, ?)',
    streamId,
    JSON.stringify(id),
    runId,
  )
}

/** Makes this run's outcome the answer, if the request still waits for one. */
export function linkRequest(sql: Sql, streamId: string, id: RequestId, runId: string): void {
  sql(
    'UPDATE transport_requests SET run_id = ? WHERE stream_id = ? AND request_id = ?',
    runId,
    streamId,
    JSON.stringify(id),
  )
}

/** Notes that a request needs no answer any more; a stream without such requests has ended. */
export function deleteRequest(sql: Sql, streamId: string, id: RequestId, now: number): void {
  endRequest(sql, streamId, JSON.stringify(id), now)
}

/** Notes that a request needs no answer any more; `key`: its id as it is stored. */
export function endRequest(sql: Sql, streamId: string, key: SqlValue, now: number): void {
  sql('DELETE FROM transport_requests WHERE stream_id = ? AND request_id IS ?', streamId, key)
  sql(`${END_ANSWERED} AND id = ?`, now, streamId)
}

const END_ANSWERED = `UPDATE transport_streams SET done_at = ? WHERE done_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM transport_requests WHERE stream_id = transport_streams.id)`

/** Ends every stream on which no request waits for an answer. */
export function endAnsweredStreams(sql: Sql, now: number): void {
  sql(END_ANSWERED, now)
}

/** Forgets a stream whose answer nobody awaits. */
export function deleteStream(sql: Sql, streamId: string): void {
  sql('DELETE FROM transport_events WHERE stream_id = ?', streamId)
  sql('DELETE FROM transport_requests WHERE stream_id = ?', streamId)
  sql('DELETE FROM transport_streams WHERE id = ?', streamId)
}

/** The stream of an event, only when it belongs to this transport session. */
export function findStream(sql: Sql, sessionId: string, seq: number): { id: string; done: boolean } | null {
  const [row] = sql(
    `SELECT s.id, s.done_at FROM transport_events e JOIN transport_streams s ON s.id = e.stream_id
     WHERE e.seq = ? AND s.session_id = ?`,
    seq,
    sessionId,
  )
  return row ? { id: textOf(row['id']), done: row['done_at'] !== null } : null
}

export function isStreamDone(sql: Sql, streamId: string): boolean {
  const [row] = sql('SELECT done_at FROM transport_streams WHERE id = ?', streamId)
  return row === undefined || row['done_at'] !== null
}

const message = z.record(z.string(), z.unknown())

/** Messages of a stream after an event, oldest first. */
export function eventsAfter(
  sql: Sql,
  streamId: string,
  seq: number,
  limit: number,
): { seq: number; message: string }[] {
  return sql(
    'SELECT seq, message FROM transport_events WHERE stream_id = ? AND seq > ? ORDER BY seq LIMIT ?',
    streamId,
    seq,
    limit,
  ).map((row) => {
    const isReadable = readStoredJson(message, row['message']) !== UNREADABLE
    return { seq: numberOf(row['seq']) ?? 0, message: isReadable ? textOf(row['message']) : LOST_MESSAGE }
  })
}

/** Message in place of one that cannot be read. */
const LOST_MESSAGE = JSON.stringify({
  jsonrpc: '2.0',
  method: 'notifications/message',
  params: { level: 'error', data: 'A message of this answer cannot be read any more. Next: call again.' },
})

/** A request without an answer, the place of the answer, and the run that it started, if any. */
export interface OpenRequest {
  streamId: string
  sessionId: string
  /** An unreadable id cannot be answered. */
  requestId: Stored<RequestId>
  /** The id as it is stored, for `endRequest`. */
  key: SqlValue
  runId: string | null
}

const OPEN_REQUESTS = `SELECT r.stream_id, r.request_id, r.run_id, s.session_id
  FROM transport_requests r JOIN transport_streams s ON s.id = r.stream_id`

export function openRequests(sql: Sql): OpenRequest[] {
  return sql(OPEN_REQUESTS).map(toOpenRequest)
}

export function requestsOfRun(sql: Sql, runId: string): OpenRequest[] {
  return sql(`${OPEN_REQUESTS} WHERE r.run_id = ?`, runId).map(toOpenRequest)
}

function toOpenRequest(row: ReturnType<Sql>[number]): OpenRequest {
  return {
    streamId: textOf(row['stream_id']),
    sessionId: textOf(row['session_id']),
    requestId: readStoredJson(requestId, row['request_id']),
    key: row['request_id'] ?? null,
    runId: textOf(row['run_id']) || null,
  }
}

export function pruneTransport(sql: Sql, now: number): void {
  for (const { id } of sql('SELECT id FROM transport_sessions WHERE seen_at < ?', now - IDLE_MS)) {
    deleteTransportSession(sql, textOf(id))
  }
  sql(
    'DELETE FROM transport_events WHERE stream_id IN (SELECT id FROM transport_streams WHERE done_at < ?)',
    now - REPLAY_MS,
  )
  sql('DELETE FROM transport_streams WHERE done_at < ?', now - REPLAY_MS)
}
