package dev.countersign.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/** Without this, "nothing is resumed" would be said of a client that cannot. */
class ResumingClientTest {
    private final TestAuthority authority =
            TestAuthority.create("resumes.test", InstantSource.system(), 1);

    @Test
    void resumesWhereverItIsLet() throws Exception {
        try (TicketServer server = new TicketServer(certificate("server"), "h2", "hello");
                ResumingClient client = new ResumingClient(certificate("client"), "h2")) {
            assertThat(client.resumes(server.address(), "hi")).isFalse();
            assertThat(client.resumes(server.address(), "hi")).isTrue();
            assertThat(client.resumes(server.address(), "hi")).isTrue();
            assertThat(server.resumed()).containsExactly(false, true, true);
        }
    }

    private TestCertificate certificate(String name) {
        return authority.leaf("/ns/shop/sa/" + name).build();
    }
}
