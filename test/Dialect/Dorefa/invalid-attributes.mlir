// RUN: dorefa-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expected a code width from 1 to 32, but got 0}}
func.func private @code_of_no_bits(tensor<4xi8, #dorefa.code<u0>>)

// -----

// expected-error @below {{expected a code width from 1 to 32, but got 33}}
func.func private @code_of_too_many_bits(tensor<4xi32, #dorefa.code<s33>>)

// -----

// expected-error @below {{expected a code such as u2 or s3, but got 'x2'}}
func.func private @code_without_sign(tensor<4xi8, #dorefa.code<x2>>)

// -----

// expected-error @below {{expected at least 1 group, but got 0}}
func.func private @no_group() attributes {g = #dorefa.conv<strides = [1], pads = [0, 0], dilations = [1], groups = 0>}

// -----

// expected-error @below {{expected one dilation a stride, but got 1 for 2}}
func.func private @dilations_and_strides() attributes {g = #dorefa.conv<strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1]>}

// -----

// expected-error @below {{expected two pads a stride, but got 1 for 1}}
func.func private @pads_and_strides() attributes {g = #dorefa.conv<strides = [1], pads = [0], dilations = [1]>}

// -----

// expected-error @below {{expected strides of at least 1, but got 0}}
func.func private @stride_of_zero() attributes {g = #dorefa.conv<strides = [0], pads = [0, 0], dilations = [1]>}

// -----

// expected-error @below {{expected dilations of at least 1, but got 0}}
func.func private @dilation_of_zero() attributes {g = #dorefa.conv<strides = [1], pads = [0, 0], dilations = [0]>}

// -----

// expected-error @below {{expected pads of at least 0, but got -1, 0}}
func.func private @negative_pad() attributes {g = #dorefa.conv<strides = [1], pads = [-1, 0], dilations = [1]>}

// -----

// expected-error @below {{expected one kernel extent a stride, but got 1 for 2}}
func.func private @kernel_and_strides() attributes {w = #dorefa.window<kernel = [2], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]>}

// -----

// expected-error @below {{expected kernel extents of at least 1, but got 0}}
func.func private @empty_kernel() attributes {w = #dorefa.window<kernel = [0], strides = [1], pads = [0, 0], dilations = [1]>}

// -----

// expected-error @below {{expected a step of 1 or 2, but got 3}}
func.func private @step_of_three() attributes {a = #dorefa.affine<zero = [0], step = 3>}

// -----

// expected-error @below {{expected at least one channel, but got 0}}
func.func private @layout_without_channels() attributes {l = #dorefa.layout<elements <u2> channels 0 border [] fill 0>}

// -----

// expected-error @below {{expected two borders of at least 0 a spatial dimension, but got 1}}
func.func private @one_border() attributes {l = #dorefa.layout<elements <u2> channels 4 border [1] fill 0>}

// -----

// expected-error @below {{expected reals to lie as elements}}
func.func private @planes_of_reals() attributes {l = #dorefa.layout<planes channels 64 border [] fill 0>}

// -----

// expected-error @below {{expected planes of at most 8 bits and a multiple of 64 channels, but got #dorefa.code<u2> and 32}}
func.func private @half_a_word_of_planes() attributes {l = #dorefa.layout<planes <u2> channels 32 border [] fill 0>}

// -----

// expected-error @below {{expected table offsets of 1 or 2 bits and a multiple of 4 channels, but got #dorefa.code<u3> and 4}}
func.func private @offsets_of_three_bits() attributes {l = #dorefa.layout<lookup <u3> channels 4 border [] fill 0>}

// -----

// expected-error @below {{expected a fill from 0 to 3, but got 4}}
func.func private @fill_outside_the_codes() attributes {l = #dorefa.layout<elements <u2> channels 4 border [1, 1] fill 4>}

// -----

// expected-error @below {{expected images, channels and at most two spatial dimensions, but got shape [4]}}
func.func private @layout_of_a_vector(tensor<4xi8, #dorefa.layout<elements <u2> channels 4 border [] fill 0>>)

// -----

// expected-error @below {{expected images, channels and at most two spatial dimensions, but got shape [1, 4, 2, 2, 2]}}
func.func private @layout_of_volumes(tensor<1x4x2x2x2xi8, #dorefa.layout<elements <u2> channels 4 border [] fill 0>>)

// -----

// expected-error @below {{expected a layout of at least 5 channels, but got 4}}
func.func private @layout_of_too_few_channels(tensor<1x5xi8, #dorefa.layout<elements <u2> channels 4 border [] fill 0>>)

// -----

// expected-error @below {{expected at most 2^40 elements with the border [1, 9223372036854775807, 1, 1]}}
func.func private @a_border_beyond_memory(tensor<1x4x2x2xi8, #dorefa.layout<elements <u2> channels 4 border [1, 9223372036854775807, 1, 1] fill 0>>)

// -----

// expected-error @below {{expected 4 borders, but got [1, 1]}}
func.func private @borders_of_another_rank(tensor<1x4x2x2xi8, #dorefa.layout<elements <u2> channels 4 border [1, 1] fill 0>>)

// -----

// expected-error @below {{expected elements of type 'i8', but got 'f32'}}
func.func private @layout_of_other_elements(tensor<1x4xf32, #dorefa.layout<elements <u2> channels 4 border [] fill 0>>)

// -----

// expected-error @below {{expected a size, a width from 1 to 32, an offset and a distance of planes}}
func.func private @digits_of_no_bits() attributes {d = #dorefa.digits<bytes 64 bits 0 offset 0 plane 1 digits []>}

// -----

// expected-error @below {{expected dimension, divisor, modulus and stride a digit}}
func.func private @half_a_digit() attributes {d = #dorefa.digits<bytes 64 bits 1 offset 0 plane 1 digits [0, 1]>}

// -----

// expected-error @below {{malformed digit 0, 0, 4, 1}}
func.func private @division_by_zero() attributes {d = #dorefa.digits<bytes 64 bits 1 offset 0 plane 1 digits [0, 0, 4, 1]>}

// -----

// expected-error @below {{bit 512 lies outside of 64 bytes}}
func.func private @digits_behind_the_end() attributes {d = #dorefa.digits<bytes 64 bits 1 offset 0 plane 1 digits [0, 1, 513, 1]>}

// -----

// expected-error @below {{expected table numbers of 1 or 2 bits and a multiple of 64 channels, but got #dorefa.code<u2> and 80}}
func.func private @table_numbers_of_some_channels() attributes {l = #dorefa.layout<lookup64 <u2> channels 80 border [] fill 0>}

// -----

// expected-error @below {{expected 128 channels without padding, but got 100}}
func.func private @table_numbers_with_padding(tensor<1x100xi8, #dorefa.layout<lookup64 <u2> channels 128 border [] fill 0>>)

// -----

// expected-error @below {{expected a fill of 1, 2, 4, ... or 64 bytes, but got [1, 2, 3]}}
func.func private @fill_of_three_bytes() attributes {d = #dorefa.digits<bytes 64 bits 1 offset 0 plane 1 digits [] fill [1, 2, 3]>}

// -----

// expected-error @below {{expected planes of a multiple of 64 bytes, of integers of 8 or 16 bits, but got 32 and 8}}
func.func private @small_planes() attributes {w = #dorefa.winograd<plane 32 bits 8>}

// -----

// expected-error @below {{expected sums that divide planes of bytes and offsets of bytes, but got 128 bytes of 192 and 6}}
func.func private @planes_between_sums() attributes {w = #dorefa.winograd<plane 192 bits 8 start 128 offset 6>}

// -----

// expected-error @below {{expected sums that divide planes of bytes and offsets of bytes, but got 0 bytes of 128 and 6}}
func.func private @offset_without_sums() attributes {w = #dorefa.winograd<plane 128 bits 8 offset 6>}

// -----

// expected-error @below {{expected blocks of 16 planes of numbers of at most 8 bits, but got #dorefa.winograd<plane 64 bits 16> of 1 bits in 1536 bytes}}
func.func private @half_a_block() attributes {d = #dorefa.digits<bytes 1536 bits 1 offset 0 plane 1 digits [] winograd <plane 64 bits 16>>}

// -----

// expected-error @below {{expected blocks of 16 planes of numbers of at most 4 bits}}
func.func private @wide_numbers_in_bytes() attributes {d = #dorefa.digits<bytes 1024 bits 5 offset 0 plane 1 digits [] winograd <plane 64 bits 8>>}

// -----

// expected-error @below {{expected blocks of 16 planes of numbers of at most 8 bits}}
func.func private @planes_beyond_numbers() attributes {d = #dorefa.digits<bytes 1024 bits 1 offset 0 plane 1 digits [] winograd <plane 1152921504606846976 bits 16>>}

// -----

// expected-error @below {{offsets of bytes, but got 64 bytes of 128 and 256}}
func.func private @offset_of_no_byte() attributes {w = #dorefa.winograd<plane 128 bits 8 start 64 offset 256>}

// -----

// expected-error @below {{expected at least one vector, pixel and pass, but got 0, 4 and 1}}
func.func private @tile_of_no_vector() attributes {s = #dorefa.schedule<planes vectors 0 pixels 4>}

// -----

// expected-error @below {{expected at most 1024 vectors, pixels and passes, but got 4611686018427387904, 1 and 1}}
func.func private @tile_of_many_vectors() attributes {s = #dorefa.schedule<planes vectors 4611686018427387904 pixels 1>}

// -----

// expected-error @below {{bits beyond 2^63}}
func.func private @planes_that_wrap() attributes {d = #dorefa.digits<bytes 64 bits 5 offset 0 plane 4611686018427387904 digits []>}

// -----

// expected-error @below {{bits beyond 2^63}}
func.func private @digits_that_wrap() attributes {d = #dorefa.digits<bytes 1024 bits 1 offset 9223372036854775807 plane 1 digits [0, 1, 3, 4611686018427387904]>}
