package dev.countersign.agent.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * Follows a body to its exact end and passes it on in slices, without copying. Chunks keep their
 * sizes; extensions are checked and left out, trailers are filtered.
 */
final class BodyFramer {
    private static final int MAX_SIZE_DIGITS = 16;
    private static final int MAX_EXTENSION = 256;
    private static final int MAX_EXTENSIONS = 16 * 1024;
    private static final long MAX_CHUNK = Long.MAX_VALUE >> 4;

    private enum State {
        DONE,
        LENGTH,
        UNTIL_CLOSE,
        SIZE_FIRST,
        SIZE,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILERS
    }

    private final Trailers trailers = new Trailers();
    private State state = State.DONE;
    private long remaining;
    private boolean dataOnly;
    private int digits;
    private int extension;
    private int extensions;

    /**
     * Starts on the next body.
     *
     * @param dataOnly whether chunks are taken apart and only their data is passed on
     */
    void begin(BodyFraming framing, long length, boolean dataOnly) {
        this.dataOnly = dataOnly;
        extensions = 0;
        remaining = length;
        state =
                switch (framing) {
                    case NONE -> State.DONE;
                    case LENGTH -> State.LENGTH;
                    case UNTIL_CLOSE -> State.UNTIL_CLOSE;
                    case CHUNKED -> State.SIZE_FIRST;
                };
    }

    boolean done() {
        return state == State.DONE;
    }

    boolean endsWithConnection() {
        return state == State.UNTIL_CLOSE;
    }

    /** The connection ended, which is the end of a body that has no other. */
    void ended() {
        state = State.DONE;
    }

    /**
     * Consumes up to the end of the body or of {@code in}, whichever is first. Slices given to the
     * sink are retained.
     */
    void consume(ByteBuf in, Sink sink) throws HttpRefused {
        switch (state) {
            case DONE -> {}
            case LENGTH -> {
                emit(in, (int) Math.min(remaining, in.readableBytes()), sink);
            }
            case UNTIL_CLOSE -> emitAll(in, sink);
            case SIZE_FIRST, SIZE, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILERS ->
                    consumeChunks(in, sink);
        }
    }

    private void emit(ByteBuf in, int length, Sink sink) {
        if (length > 0) {
            remaining -= length;
            sink.data(in.readRetainedSlice(length));
        }
        if (remaining == 0) {
            state = State.DONE;
        }
    }

    private static void emitAll(ByteBuf in, Sink sink) {
        if (in.isReadable()) {
            sink.data(in.readRetainedSlice(in.readableBytes()));
        }
    }

    /** One pass; {@code from} is where the bytes begin that were read and not passed on yet. */
    private void consumeChunks(ByteBuf in, Sink sink) throws HttpRefused {
        int from = in.readerIndex();
        int at = from;
        int end = in.writerIndex();
        while (at < end && state != State.DONE && state != State.TRAILERS) {
            if (state == State.DATA) {
                int length = (int) Math.min(remaining, end - at);
                if (dataOnly) {
                    sink.data(in.retainedSlice(at, length));
                }
                at += length;
                remaining -= length;
                if (remaining == 0) {
                    state = State.DATA_CR;
                }
                continue;
            }
            State before = state;
            step(in.getByte(at));
            if (!dataOnly) {
                if (state == State.EXTENSION && before != State.EXTENSION) {
                    pass(in, from, at, sink);
                } else if (before == State.EXTENSION && state != State.EXTENSION) {
                    from = at;
                }
            }
            at++;
        }
        if (!dataOnly && state != State.EXTENSION) {
            pass(in, from, at, sink);
        }
        in.readerIndex(at);
        if (state == State.TRAILERS && trailers.consume(in, dataOnly ? null : sink)) {
            state = State.DONE;
        }
    }

    private static void pass(ByteBuf in, int from, int to, Sink sink) {
        if (to > from) {
            sink.data(in.retainedSlice(from, to - from));
        }
    }

    private void step(byte c) throws HttpRefused {
        switch (state) {
            case SIZE_FIRST -> {
                remaining = 0;
                digits = 0;
                extension = 0;
                sizeDigit(c);
                state = State.SIZE;
            }
            case SIZE -> {
                if (c == '\r') {
                    state = State.SIZE_LF;
                } else if (c == ';') {
                    state = State.EXTENSION;
                } else {
                    sizeDigit(c);
                }
            }
            case EXTENSION -> extension(c);
            case SIZE_LF -> {
                expect(c, '\n');
                state = remaining == 0 ? State.TRAILERS : State.DATA;
                if (remaining == 0) {
                    trailers.begin();
                }
            }
            case DATA_CR -> {
                expect(c, '\r');
                state = State.DATA_LF;
            }
            case DATA_LF -> {
                expect(c, '\n');
                state = State.SIZE_FIRST;
            }
            case DONE, LENGTH, UNTIL_CLOSE, DATA, TRAILERS ->
                    throw new IllegalStateException("chunk state: " + state);
        }
    }

    private void sizeDigit(byte c) throws HttpRefused {
        int digit = HttpChars.hex(c);
        if (digit < 0 || ++digits > MAX_SIZE_DIGITS || remaining > MAX_CHUNK >> 4) {
            throw HttpFields.refused(
                    HttpRefusal.BAD_CHUNK,
                    "chunk size: byte " + c + " (expected: 1 to 16 hexadecimal digits)");
        }
        remaining = (remaining << 4) | digit;
    }

    private void extension(byte c) throws HttpRefused {
        extension++;
        extensions++;
        if (c == '\r') {
            state = State.SIZE_LF;
        } else if (!HttpChars.isValue(c)
                || extension > MAX_EXTENSION
                || extensions > MAX_EXTENSIONS) {
            throw HttpFields.refused(
                    HttpRefusal.BAD_CHUNK,
                    "chunk extension: byte " + c + " or too long (expected: <= 256 bytes)");
        }
    }

    private static void expect(byte c, char expected) throws HttpRefused {
        if (c != expected) {
            throw HttpFields.refused(
                    HttpRefusal.BAD_CHUNK,
                    "chunk: byte " + c + " (expected: " + (int) expected + ")");
        }
    }

    /** Takes the body's slices; owns each from then on. */
    @FunctionalInterface
    interface Sink {
        void data(ByteBuf slice);
    }
}
