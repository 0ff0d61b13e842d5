package io.narwhal.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.EnumSet;

final class RecordBlockTest {
    @Test
    void aSamplingRateThatWasSentBesideTheRecordIsKnownAndZeroIsNot() {
        var block = new RecordBlock(EnumSet.of(Field.SAMPLING_RATE, Field.VLAN));
        block.setSize(3);
        block.column(Field.SAMPLING_RATE)[0] = 100; // a v5 header or an option told it
        block.present()[1] = Field.SAMPLING_RATE.bit(); // the record itself, as 0
        block.present()[2] = Field.VLAN.bit();

        assertThat(block.tells(Field.SAMPLING_RATE, 0)).isTrue();
        assertThat(block.tells(Field.SAMPLING_RATE, 1)).isFalse();
        assertThat(block.tells(Field.SAMPLING_RATE, 2)).isFalse();
        assertThat(block.tells(Field.VLAN, 0)).isFalse();
        assertThat(block.tells(Field.VLAN, 2)).isTrue();
    }
}
