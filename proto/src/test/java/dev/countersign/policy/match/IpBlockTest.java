package dev.countersign.policy.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpBlockTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 10.0.0.1, true",
        "10.0.0.1, 10.0.0.2, false",
        "10.0.0.0/8, 10.255.1.2, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "192.168.5.9/23, 192.168.4.1, true",
        "0.0.0.0/0, 255.255.255.255, true",
        "0.0.0.0/0, ::1, false",
        "::/0, 10.0.0.1, false",
        "::/0, 2001:db8::1, true",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:db8::/32, 2001:db9::1, false",
        "2001:db8::1:0/112, 2001:db8::1:ffff, true",
        "2001:db8::1:0/112, 2001:db8::2:0, false",
        "2001:db8::/64, 2001:db8::ffff:1, true",
        "10.0.0.1, ::ffff:10.0.0.1, true",
        "::ffff:10.0.0.1, 10.0.0.1, true",
        "10.0.0.0/31, 10.0.0.1, true"
    })
    void holdsTheAddressesOfItsPrefix(String block, String address, boolean expected) {
        IpAddress parsed = Objects.requireNonNull(IpAddress.parse(address));

        assertThat(Objects.requireNonNull(IpBlock.parse(block)).contains(parsed))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ip1",
                "10.0.0",
                "10.0.0.0.0",
                "10.0.0.256",
                "010.0.0.1",
                "10.0.0.1/33",
                "10.0.0.1/",
                "10.0.0.1/-1",
                "10.0.0.1/08",
                "10.0.0.1/8/8",
                "::1/129",
                "fe80::1%eth0",
                "[::1]",
                "localhost",
                "1",
                "0x7f.0.0.1",
                "10.0.0.1 ",
                " 10.0.0.1",
                "::ffff:10.0.0.1/104",
                "10.0.0.1:80",
                ":",
                "1::2::3",
                "٣.0.0.1"
            })
    void refusesWhatIsNoAddress(String text) {
        assertThat(IpBlock.parse(text)).isNull();
    }

    @Test
    void aMappedSocketAddressIsTheAddressItMaps() throws Exception {
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xff;
        mapped[12] = 10;
        mapped[15] = 7;

        assertThat(IpAddress.of(InetAddress.getByAddress(mapped)))
                .isEqualTo(IpAddress.parse("10.0.0.7"));
        assertThat(IpAddress.of(InetAddress.getByAddress(new byte[] {10, 0, 0, 7})))
                .hasToString("10.0.0.7");
        assertThat(IpAddress.parse("2001:db8::1")).hasToString("2001:db8:0:0:0:0:0:1");
    }
}
