package dev.countersign.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CloserTest {
    private final List<String> closed = new ArrayList<>();

    @Test
    void closesInReverseAndOnce() {
        Closer closer = new Closer();
        closer.register(() -> closed.add("first"));
        closer.register(() -> closed.add("second"));
        closer.close();
        closer.close();
        assertThat(closed).containsExactly("second", "first");
    }

    @Test
    void closesTheRestWhenOneFails() {
        Closer closer = new Closer();
        closer.register(() -> closed.add("first"));
        closer.register(() -> {
            throw new IllegalStateException("stuck");
        });
        closer.close();
        assertThat(closed).containsExactly("first");
    }

    @Test
    void whatComesAfterTheCloseIsClosedAndRefused() {
        Closer closer = new Closer();
        closer.close();
        assertThatThrownBy(() -> closer.register(() -> closed.add("late")))
                .isInstanceOf(IllegalStateException.class);
        assertThat(closed).containsExactly("late");
    }
}
