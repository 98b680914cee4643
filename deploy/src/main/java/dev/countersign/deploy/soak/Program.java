package dev.countersign.deploy.soak;

import dev.countersign.deploy.quickstart.PlainProgram;
import java.io.IOException;

/** A program as the quickstart's, which answers by gRPC too where it is given a port for that. */
public final class Program {
    private static final int RPC_PORT = 4;

    private Program() {}

    /** Arguments: as {@link PlainProgram}'s, then the port of gRPC (0 = none). */
    public static void main(String[] arguments) throws IOException {
        int rpc = Integer.parseInt(arguments[RPC_PORT]);
        if (rpc != 0) {
            EchoService.start(rpc);
        }
        PlainProgram.main(arguments);
    }
}
