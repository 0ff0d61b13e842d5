package io.narwhal.output;

import java.util.List;

/** Takes a result as it comes. */
public interface ResultSink {
    /** Once, before the first row. */
    void columns(List<String> names);

    /** A row; as many values as there are columns. The list is the receiver's to keep. */
    void row(List<Value> values);
}
