package dev.countersign.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.server.audit.HashChain.Head;
import dev.countersign.server.audit.HashChain.Link;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HashChainTest {
    private static final String START = HashChain.genesis(1, "server", "");

    @Test
    void aBatchHashIsWhatThePageSaysSoThatOthersCanComputeIt() throws Exception {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update((byte) 0);
        byte[] entry = sha256.digest("{}".getBytes(StandardCharsets.US_ASCII));
        ByteBuffer text = ByteBuffer.allocate(1 + 32 + 8 + 4 + 8 + 32);
        text.put((byte) 1).put(HexFormat.of().parseHex(START)).putLong(1).putInt(1);
        text.putLong(42).put(entry);

        Head head = new Head(0, 0, START).advance(List.of(new Link(42, HashChain.entryHash("{}"))));

        assertThat(head)
                .isEqualTo(new Head(1, 1, HexFormat.of().formatHex(sha256.digest(text.array()))));
    }

    @Test
    void everyDetailOfABatchChangesItsHash() {
        Head start = new Head(0, 0, START);
        Link a = new Link(1, HashChain.entryHash("a"));
        Link b = new Link(2, HashChain.entryHash("b"));
        String hash = start.advance(List.of(a, b)).hash();

        assertThat(
                        List.of(
                                start.advance(List.of(b, a)),
                                start.advance(List.of(a)),
                                start.advance(List.of(a, new Link(3, b.entryHash()))),
                                start.advance(List.of(a, new Link(2, HashChain.entryHash("c")))),
                                new Head(1, 0, START).advance(List.of(a, b)),
                                new Head(0, 0, HashChain.genesis(1, "other", ""))
                                        .advance(List.of(a, b))))
                .noneMatch(head -> head.hash().equals(hash));
    }

    @Test
    void aGenesisCoversNumberNameAndTheChainBefore() {
        assertThat(
                        List.of(
                                START,
                                HashChain.genesis(2, "server", ""),
                                HashChain.genesis(1, "serves", ""),
                                HashChain.genesis(1, "server", START)))
                .doesNotHaveDuplicates();
    }
}
