// Folders by class, with and without splits, as people have them: other files among the images, folders in folders.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { classFolderManifest } from '../../../gfsr/data/class-folders.ts';

test('the folder is the class, whatever is inside it', () => {
  const files = ['ill/a.JPG', 'normal/day 1/b.png', 'normal/b.png', 'normal/notes.txt'];
  assert.is(
    classFolderManifest([...files, '.DS_Store', 'ill/._a.JPG', '__MACOSX/ill/a.JPG'], 'toy'),
    'file,label\nill/a.JPG,ill\nnormal/b.png,normal\nnormal/day 1/b.png,normal\n',
  );
});

test('folders of splits above those of classes are the splits', () => {
  const files = ['Train/ill/a.dcm', 'Train/ok/b.dcm', 'valid/ill/c.nii.gz', 'test/ok/"d".npy'];
  assert.is(
    classFolderManifest(files, 'toy'),
    'file,label,split\nTrain/ill/a.dcm,ill,train\nTrain/ok/b.dcm,ok,train\n' +
      '"test/ok/""d"".npy",ok,test\nvalid/ill/c.nii.gz,ill,val\n',
  );
});

test('images in no class are named, and so is a folder without images', () => {
  const message =
    /toy: got images outside of the folders of classes: (loose|train\/loose)\.png, expected a manifest/;
  assert.throws(() => classFolderManifest(['loose.png', 'ill/a.png'], 'toy'), message);
  assert.throws(() => classFolderManifest(['train/loose.png', 'val/ill/a.png'], 'toy'), message);
  assert.throws(() => classFolderManifest(['readme.txt'], 'toy'), /toy: got no images, expected/);
});

test.run();
