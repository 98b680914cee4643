package dev.countersign.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.Svid;
import dev.countersign.testing.ResumingClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumptionE2ETest {
    /** RFC 9113, section 3.4: what a client says first, with no settings of its own. */
    private static final String HTTP_2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";

    @TempDir Path folder;

    @Test
    void everyConnectionShakesHandsInFull() throws Exception {
        try (RunningServer server = RunningServer.start(folder, InstantSource.system())) {
            Svid web = server.svid("shop", "web", "web-0");
            InetSocketAddress address =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), server.server().port());
            try (ResumingClient client =
                    new ResumingClient(web.keys().getPrivate(), web.chain(), "h2")) {
                for (int i = 0; i < 3; i++) {
                    assertThat(client.resumes(address, HTTP_2)).isFalse();
                }
            }
        }
    }
}
