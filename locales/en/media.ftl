# What people read of the files that they give.

media-not-image = That’s no picture that I can use here. Send a photo, or a picture file: { $formats }.
media-not-video = That’s no video that I can use here. Send a video: { $formats }.
media-not-audio = That’s no sound that I can use here. Send a voice message, or a sound file: { $formats }.
media-heic = I can’t read HEIC pictures. Send it as a photo instead of a file: Telegram converts it then.
media-broken = This file is damaged, or not all of it is there. Please send it again, or another one.
media-too-large = This file has { $size } MB, and { $limit } MB is the most that can be taken here. Please send a smaller one.
media-too-small = This picture has { $width } × { $height } pixels; each side needs at least { $least }. Please send a larger one.
media-too-many-pixels = This picture has { $width } × { $height } pixels, more than { $limit } megapixels. Please send a smaller one.
media-too-long = It lasts { $seconds } s, and { $limit } s is the most that this model takes. Please send a shorter one.
media-too-short = It lasts { $seconds } s, and this model needs at least { $least } s. Please send a longer one.
media-codec = The video is coded as { $codec }, which this model can’t read. Send it as H.264, in one of these forms: { $formats }.
media-takes-too-long = It took too long to look through this file. Please send a smaller or shorter one.
media-not-fetched = I couldn’t get this file from Telegram. Please send it again.
media-not-kept = I can’t keep files just now. Please try again in a few minutes. Nothing was charged.
media-first-frame = It moves: I take its first picture.
media-made-smaller = I made it smaller for this model: { $was } → { $now }.
inputs-gone = The files that you sent are not here any more, as it was a while ago. Please send them again: /generate
